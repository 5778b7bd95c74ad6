package compress.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Which module may import which, and which package may import which library. */
@AnalyzeClasses(packages = "compress", importOptions = DoNotIncludeTests.class)
class ModuleArrowsTest {
  private static final String MODEL = "compress.model..";
  private static final String TRAIN = "compress.train..";
  private static final String PRUNE = "compress.prune..";
  private static final String QUANTIZE = "compress.quantize..";
  private static final String DISTILL = "compress.distill..";
  private static final String ENCODE = "compress.encode..";
  private static final String KERNELS = "compress.kernels..";
  private static final String RUNTIME = "compress.runtime..";
  private static final String CLI = "compress.cli..";

  @ArchTest
  static final ArchRule modelImportsNoModule =
      never(MODEL, TRAIN, PRUNE, QUANTIZE, DISTILL, ENCODE, KERNELS, RUNTIME, CLI);

  @ArchTest
  static final ArchRule trainImportsModel =
      never(TRAIN, PRUNE, QUANTIZE, DISTILL, ENCODE, KERNELS, RUNTIME, CLI);

  @ArchTest
  static final ArchRule pruneImportsTrainAndModel =
      never(PRUNE, QUANTIZE, DISTILL, ENCODE, KERNELS, RUNTIME, CLI);

  @ArchTest
  static final ArchRule quantizeImportsTrainAndModel =
      never(QUANTIZE, PRUNE, DISTILL, ENCODE, KERNELS, RUNTIME, CLI);

  @ArchTest
  static final ArchRule distillImportsTrainAndModel =
      never(DISTILL, PRUNE, QUANTIZE, ENCODE, KERNELS, RUNTIME, CLI);

  @ArchTest
  static final ArchRule encodeImportsModel =
      never(ENCODE, TRAIN, PRUNE, QUANTIZE, DISTILL, KERNELS, RUNTIME, CLI);

  @ArchTest
  static final ArchRule kernelsImportModel =
      never(KERNELS, TRAIN, PRUNE, QUANTIZE, DISTILL, ENCODE, RUNTIME, CLI);

  @ArchTest
  static final ArchRule runtimeImportsKernelsAndModel =
      never(RUNTIME, TRAIN, PRUNE, QUANTIZE, DISTILL, ENCODE, CLI);

  @ArchTest
  static final ArchRule vectorsInOnePackage =
      only("compress.kernels.panama..", "jdk.incubator.vector..");

  @ArchTest
  static final ArchRule libtorchInOnePackage =
      only("compress.train.torch..", "org.bytedeco.pytorch..");

  @ArchTest
  static final ArchRule openBlasIsARival =
      noClasses()
          .that()
          .resideOutsideOfPackages("compress.train.torch..", "compress.kernels.measure..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.bytedeco..");

  @ArchTest
  static final ArchRule protobufInOnePackage =
      only("compress.model.onnx..", "com.google.protobuf..", "ai.onnx.proto..");

  @ArchTest
  static final ArchRule onnxRuntimeInOnePackage =
      only("compress.train.onnxruntime..", "ai.onnxruntime..");

  @ArchTest static final ArchRule picocliInCli = only(CLI, "picocli..");

  private static ArchRule never(String module, String... others) {
    return noClasses()
        .that()
        .resideInAPackage(module)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others);
  }

  private static ArchRule only(String home, String... libraries) {
    return noClasses()
        .that()
        .resideOutsideOfPackage(home)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(libraries);
  }
}
