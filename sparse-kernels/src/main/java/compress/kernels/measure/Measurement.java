package compress.kernels.measure;

/** The times that one kernel or rival took in one virtual machine. */
public record Measurement(Subject subject, Timing timing) {}
