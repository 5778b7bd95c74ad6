package compress.train;

import compress.model.Affine;
import compress.model.Attribute;
import compress.model.Codebook;
import compress.model.Dense;
import compress.model.Graph;
import compress.model.Hashed;
import compress.model.Mask;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Patched;
import compress.model.Tensor;
import compress.model.Values;
import compress.model.VectorCodebook;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * A hash of the inputs of a long piece of work, by which it finds its checkpoint again: the same
 * inputs give the same hash in every run of the program.
 */
public final class Fingerprint {
  private final MessageDigest digest;

  public Fingerprint() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  /** Adds the text of something that prints the same in every run: a number, a record of these. */
  public Fingerprint add(Object printable) {
    byte[] text = String.valueOf(printable).getBytes(StandardCharsets.UTF_8);
    return addLength(text.length).addBytes(MemorySegment.ofArray(text));
  }

  /** Adds graph and params; not what the file carries beyond them. */
  public Fingerprint add(Model model) {
    add(model.opset());
    model.graph().ifPresent(this::addGraph);
    for (Param param : model.params().values()) {
      add(param.name()).add(param.type()).add(param.values());
    }
    return this;
  }

  /** Adds all tensors that the values consist of. */
  private Fingerprint add(Values values) {
    switch (values) {
      case Dense d -> add(d.tensor());
      case Codebook c -> add(c.codebook()).add(c.indices());
      case VectorCodebook v -> add(v.shape()).add(v.codebook()).add(v.indices());
      case Hashed h -> add(h.shape()).add(h.seed()).add(h.buckets());
      case Patched p -> add(p.base()).add(p.places()).add(p.outliers());
      case Affine a -> {
        add(a.granularity()).add(a.integers()).add(a.scale());
        a.zeroPoint().ifPresent(this::add);
      }
    }
    return this;
  }

  private void addGraph(Graph graph) {
    for (Node node : graph.nodes()) {
      add(node.op()).add(node.domain()).add(node.inputs()).add(node.outputs());
      for (Map.Entry<String, Attribute> attribute : new TreeMap<>(node.attributes()).entrySet()) {
        add(attribute.getKey());
        switch (attribute.getValue()) {
          case Attribute.TensorValue t -> add(t.value());
          case Attribute.Carried c -> addBytes(MemorySegment.ofArray(c.message()));
          case Attribute a -> add((Object) a);
        }
      }
    }
    graph.outputs().forEach(output -> add(output.name()));
  }

  /** Adds type, shape and bytes. */
  public Fingerprint add(Tensor tensor) {
    return add(tensor.type()).add(tensor.shape()).addBytes(tensor.data());
  }

  /** Adds names, shapes and which entries are kept. */
  public Fingerprint add(Map<String, Mask> masks) {
    for (Map.Entry<String, Mask> mask : new TreeMap<>(masks).entrySet()) {
      add(mask.getKey()).add(mask.getValue().shape());
      byte[] bits = new byte[Math.toIntExact(Math.ceilDiv(mask.getValue().shape().size(), 8L))];
      for (int i = 0; i < mask.getValue().shape().size(); i++) {
        bits[i / 8] |= (byte) (mask.getValue().keeps(i) ? 1 << i % 8 : 0);
      }
      addBytes(MemorySegment.ofArray(bits));
    }
    return this;
  }

  private Fingerprint addLength(long length) {
    for (int i = 0; i < Long.SIZE; i += Byte.SIZE) {
      digest.update((byte) (length >>> i));
    }
    return this;
  }

  private Fingerprint addBytes(MemorySegment bytes) {
    byte[] piece = new byte[(int) Math.min(1 << 16, Math.max(1, bytes.byteSize()))];
    for (long at = 0; at < bytes.byteSize(); at += piece.length) {
      int n = (int) Math.min(piece.length, bytes.byteSize() - at);
      MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, piece, 0, n);
      digest.update(piece, 0, n);
    }
    return this;
  }

  /** The hash as 64 hexadecimal digits. Ends this fingerprint. */
  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
