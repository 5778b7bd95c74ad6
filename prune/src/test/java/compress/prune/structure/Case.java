package compress.prune.structure;

import compress.model.Model;

/** A network that ends in 5 classes, and how many of its groups may be cut. */
record Case(String name, int freeGroups, Model model) {
  @Override
  public String toString() {
    return name;
  }
}
