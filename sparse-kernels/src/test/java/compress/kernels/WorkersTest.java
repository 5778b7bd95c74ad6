package compress.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkersTest {
  @Test
  void doesEachTaskOnce() {
    try (Workers workers = new Workers(4)) {
      for (int tasks : new int[] {0, 1, 3, 4, 100}) {
        AtomicIntegerArray done = new AtomicIntegerArray(Math.max(1, tasks));
        workers.run(tasks, (i, worker) -> done.incrementAndGet(i));
        for (int i = 0; i < tasks; i++) {
          assertThat(done.get(i)).isEqualTo(1);
        }
      }
    }
  }

  @Test
  void throwsWhatATaskThrowsAndGoesOn() {
    try (Workers workers = new Workers(3)) {
      assertThatThrownBy(() ->
              workers.run(
                  10,
                  (i, worker) -> {
                    if (i == 5) {
                      throw new IllegalArgumentException("five");
                    }
                  }))
          .hasMessage("five");
      AtomicIntegerArray done = new AtomicIntegerArray(10);
      workers.run(10, (i, worker) -> done.incrementAndGet(i));
      assertThat(done.toString()).isEqualTo("[1, 1, 1, 1, 1, 1, 1, 1, 1, 1]");
    }
  }

  @Test
  void keepsScratchUntilMoreIsAsked() {
    try (Workers workers = new Workers(1)) {
      assertThat(workers.scratch(0, 2, 100).address() % OffHeap.LINE).isZero();
      assertThat(workers.scratch(0, 2, 50)).isSameAs(workers.scratch(0, 2, 100));
      assertThat(workers.scratch(0, 2, 1000).byteSize()).isGreaterThanOrEqualTo(1000);
    }
  }

  @Test
  void refusesToRunWhenClosed() {
    Workers workers = new Workers(2);
    workers.close();
    assertThatIllegalStateException().isThrownBy(() -> workers.run(2, (i, worker) -> {}));
  }
}
