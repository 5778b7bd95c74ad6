package compress.train;

/**
 * How far the answers of two networks to the same samples are apart. The first is the reference.
 *
 * @param samples compared
 * @param klDivergence mean over samples of KL(first || second) in nats, of the softmax of each
 *     answer
 * @param top1Agreement the share of samples whose largest entry is the same one
 * @param maxAbsDifference over all entries
 * @param meanAbsDifference over all entries
 * @param cosine mean over samples of the cosine of the angle between both answers
 * @param meanAbsReference the mean of the first's absolute entries, to judge the differences by
 */
public record OutputComparison(
    long samples,
    double klDivergence,
    double top1Agreement,
    double maxAbsDifference,
    double meanAbsDifference,
    double cosine,
    double meanAbsReference) {}
