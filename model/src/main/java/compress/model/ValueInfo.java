package compress.model;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An input or output of a graph.
 *
 * @param type empty if the file does not say, or says something that is not a tensor
 * @param dims the axes' lengths, empty where one is open (a batch, say); no list at all if the rank
 *     is open too
 * @param carried the whole message as the file has it
 */
public record ValueInfo(
    String name, Optional<DType> type, Optional<List<OptionalLong>> dims, byte[] carried) {}
