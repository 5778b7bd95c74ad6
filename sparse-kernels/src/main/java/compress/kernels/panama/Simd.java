package compress.kernels.panama;

import com.sun.management.HotSpotDiagnosticMXBean;
import compress.kernels.Layout;
import java.lang.management.ManagementFactory;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** What this machine's vectors are like. */
final class Simd {
  /** The widest floats there are, up to a tile of them. */
  static final VectorSpecies<Float> F =
      FloatVector.SPECIES_PREFERRED.length() > Layout.TILE
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;

  /** Integers in a vector as wide. */
  static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());

  /** Half as many integers. */
  static final VectorSpecies<Integer> HALF =
      VectorSpecies.of(int.class, VectorShape.forBitSize(F.vectorBitSize() / 2));

  /** Floats in a vector. */
  static final int L = F.length();

  /** Bytes of a vector. */
  static final int BYTES = 4 * L;

  /**
   * Whether multiply-and-add is an instruction. Without it, the JDK computes each one with {@code
   * BigDecimal}.
   */
  static final boolean HAS_FMA = flag("UseFMA");

  /** Whether there are 32 vector registers; else there are 16. */
  static final boolean MANY_REGISTERS = L == 16 || System.getProperty("os.arch").equals("aarch64");

  private Simd() {}

  private static boolean flag(String name) {
    try {
      return Boolean.parseBoolean(
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
              .getVMOption(name)
              .getValue());
    } catch (IllegalArgumentException e) {
      // No such option in this virtual machine: machines of other kinds have the instruction.
      return true;
    }
  }
}
