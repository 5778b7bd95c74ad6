/**
 * Cutting channels, neurons and heads out of a network for good. {@link
 * compress.prune.structure.Structure} walks the graph and finds the {@link
 * compress.prune.structure.ChannelGroup}s: what must be cut together. A {@link
 * compress.prune.structure.GroupCriterion} says what each unit of a group is worth; {@link
 * compress.prune.structure.CutStage} chooses by {@link compress.prune.structure.CutOptions}, cuts,
 * and has ONNX Runtime run the result.
 *
 * <p>How an operator passes cuts on is a {@code Rule}. To add one: a line in {@code Rules} if it
 * works like another, else a class of its own that ties the axes that go together and pins those
 * that must stay. An operator without a rule is a barrier: everything next to it stays, and the
 * report says so. To add a criterion: a record and a line in {@link
 * compress.prune.structure.GroupCriteria}.
 */
@NullMarked
package compress.prune.structure;

import org.jspecify.annotations.NullMarked;
