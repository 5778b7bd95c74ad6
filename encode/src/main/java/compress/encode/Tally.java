package compress.encode;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Adds up, for a tensor or the skeleton, what its chunks were coded to. */
final class Tally {
  private final Map<String, Stream> streams = new LinkedHashMap<>();
  private final Set<String> coders = new LinkedHashSet<>();
  private long nonzero;
  private long bytes;

  void add(Coded coded, long nonzeroElements) {
    coders.add(coded.coder().name());
    nonzero += nonzeroElements;
    bytes += coded.bytes().length;
    for (Stream s : coded.streams()) {
      streams.merge(s.name(), s, Tally::sum);
    }
  }

  private static Stream sum(Stream a, Stream b) {
    return new Stream(
        a.name(),
        ("+" + a.coder() + "+").contains("+" + b.coder() + "+")
            ? a.coder()
            : a.coder() + "+" + b.coder(),
        a.symbols() + b.symbols(),
        Math.max(a.fixedBits(), b.fixedBits()),
        a.entropyBytes() + b.entropyBytes(),
        a.bytes() + b.bytes());
  }

  List<Stream> streams() {
    return List.copyOf(streams.values());
  }

  String coder() {
    return String.join("+", coders);
  }

  long nonzero() {
    return nonzero;
  }

  long bytes() {
    return bytes;
  }

  /** One row a stream. */
  List<Ledger> rows(String tensor) {
    List<Ledger> rows = new ArrayList<>();
    for (Stream s : streams.values()) {
      rows.add(
          new Ledger(tensor + "/" + s.name(), s.coder(), s.symbols(), s.entropyBytes(), s.bytes()));
    }
    return rows;
  }
}
