/**
 * What is made of reports: {@link compress.cli.report.Page} a page that needs no network, {@link
 * compress.cli.report.Markdown} a comment on a pull request, {@link compress.cli.report.Csv} a
 * table; {@link compress.cli.report.ReportFile} reads the reports of all commands for gates, and
 * {@link compress.cli.report.ReportDifference} says what changed between two.
 */
@NullMarked
package compress.cli.report;

import org.jspecify.annotations.NullMarked;
