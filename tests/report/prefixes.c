/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same report, as many loggers would show it: all must read alike. */
#include <stdlib.h>
#include <string.h>

#include "tests/report/read.h"

static void check(const char *what, const char *text, size_t piece)
{
	struct read *l = read_pieces(text, strlen(text), piece);

	cr_assert(l->n == 1, "%s: %zu reports", what, l->n);
	cr_expect_eq(l->r[0].ntask, 3, "%s: %zu tasks", what, l->r[0].ntask);
	cr_expect_str_eq(l->r[0].release, "6.1.0-9-amd64", "%s", what);
	cr_expect_str_eq(l->r[0].trigger_comm, "leak", "%s: '%s'", what, l->r[0].trigger_comm);
	cr_expect_eq(l->r[0].nzone, 2, "%s", what);
	cr_expect_eq(l->r[0].mi[OOM_MI_inactive_anon].v, 47623, "%s", what);
	cr_expect_eq(l->r[0].mi[OOM_MI_free_pcp].v, 28, "%s", what);
	cr_expect_eq(l->x[0].total.pages, 121348, "%s: %lu", what, (unsigned long)l->x[0].total.pages);
	cr_expect_str_eq(l->r[0].killed.comm, "leak", "%s: '%s'", what, l->r[0].killed.comm);
	cr_expect_eq(l->x[0].agrees, TRI_TRUE, "%s: %s", what, l->x[0].because.s);
	cr_expect(l->r[0].reaped.has, "%s: the reaper's line", what);
	read_free(l);
}

struct style {
	const char *what, *before, *after;
};

static const struct style styles[] = {
	{ "plain", "", "" },
	{ "CRLF", "", "\r" },
	{ "dmesg", "[   14.179751] ", "" },
	{ "dmesg, large", "[15180302.218110] ", "" },
	{ "dmesg with caller", "[   14.179751][   T80] ", "" },
	{ "dmesg -T", "[Thu May  1 12:03:58 2025] ", "" },
	{ "dmesg -T, Chinese", "[\xe4\xba\x94 5\xe6\x9c\x88  1 12:03:58 2025] ", "" },
	{ "dmesg -x", "kern  :info  : [   14.179751] ", "" },
	{ "dmesg -x without time", "kern  :info  : ", "" },
	{ "raw levels", "<4>[   14.179751] ", "" },
	{ "raw levels without time", "<4>", "" },
	{ "syslog", "May  1 12:03:58 host kernel: ", "" },
	{ "syslog with stamp", "May  1 12:03:58 host kernel: [   14.179751] ", "" },
	{ "journalctl precise", "May 01 12:03:58.123456 host kernel: ", "" },
	{ "journalctl iso", "2025-05-01T12:03:58+0200 host kernel: ", "" },
	{ "rsyslog iso", "2025-05-01T12:03:58.123456+02:00 host kernel: [   14.179751] ", "" },
	{ "kernel[0]", "2025-05-01T12:03:58Z host kernel[0]: ", "" },
	{ "CRI", "2025-05-01T12:03:58.1234567Z stdout F ", "" },
	{ "CRI of a stamp", "2025-05-01T12:03:58.1234567Z stderr F [   14.179751] ", "" },
	{ "compose", "host-1  | [   14.179751] ", "" },
	{ "compose without time", "host-1  | ", "" },
	{ "xen", "(XEN) ", "" },
	{ "xen guest", "(d12) [   14.179751] ", "" },
	{ "quoted mail", "> ", "" },
	{ "quoted twice", ">> [   14.179751] ", "" },
	{ "indented", "\t     [   14.179751] ", "" },
	{ "colour", "\033[32m[   14.179751] \033[0m\033[1m", "\033[0m" },
	{ "serial console", "\r[   14.179751] ", "\r" },
	{ "docker json", "{\"log\":\"[   14.179751] ",
	  "\\n\",\"stream\":\"stdout\",\"time\":\"2025-05-01T12:03:58Z\"}" },
	{ "journal json", "{\"PRIORITY\":\"4\",\"MESSAGE\":\"", "\",\"_HOSTNAME\":\"host\"}" },
};

Test(prefixes, every_style_reads_alike)
{
	for (size_t i = 0; i < sizeof(styles) / sizeof(*styles); i++) {
		char *text = decorate(report_6_1, styles[i].before, styles[i].after);

		check(styles[i].what, text, 0);
		free(text);
	}
}

Test(prefixes, pieces_of_any_size)
{
	static const size_t piece[] = { 1, 7, 63, 64, 1000, 4096 };

	for (size_t i = 0; i < sizeof(piece) / sizeof(*piece); i++)
		check("pieces", report_6_1, piece[i]);
}

Test(prefixes, no_newline_at_the_end)
{
	char *text = strdup(report_6_1);

	text[strlen(text) - 1] = '\0';
	check("no newline", text, 0);
	free(text);
}

/* One record of several lines: journald indents, /dev/kmsg writes \x0a, rsyslog #012. */
static char *joined(const char *glue)
{
	struct strbuf b = { 0 };

	for (const char *p = report_6_1; *p;) {
		size_t n = strcspn(p, "\n");
		const char *next = p + n + 1;
		bool inside = strstr(p, "active_anon:29") && !strncmp(next, " ", 1) && *next &&
			      (!strncmp(p, "active_anon", 11) ||
			       (*p == ' ' && strncmp(p, " <", 2) && strncmp(p, " d", 2) && strncmp(p, " o", 2)));

		inside = inside || (!strncmp(p, "active_anon", 11)) ||
			 (*p == ' ' && strchr("aukms", p[1]) && memchr(p, ':', n) && strncmp(next, "Node", 4));
		strbuf_add(&b, p, n);
		strbuf_puts(&b, inside ? glue : "\n");
		p = next;
	}
	return b.s;
}

Test(prefixes, records_of_several_lines)
{
	static const char *const glue[] = { "\\x0a", "#012", "\n                                   " };

	for (size_t i = 0; i < sizeof(glue) / sizeof(*glue); i++) {
		char *text = joined(glue[i]);

		check(glue[i], text, 0);
		free(text);
	}
}

/* Lines wrapped by a terminal of 80 columns. */
Test(prefixes, wrapped)
{
	char *text = decorate(report_6_1, "[   14.179751] ", "");
	struct strbuf b = { 0 };

	for (const char *p = text; *p;) {
		size_t n = strcspn(p, "\n");

		for (size_t at = 0; at < n; at += 80) {
			strbuf_add(&b, p + at, n - at < 80 ? n - at : 80);
			strbuf_puts(&b, "\n");
		}
		p += n + 1;
	}
	struct read *l = read_text(b.s);

	ONE(l);
	cr_expect_eq(l->r[0].ntask, 3, "%zu", l->r[0].ntask);
	cr_expect(l->r[0].has_order && l->r[0].has_trigger_adj);
	cr_expect_str_eq(l->r[0].named.comm, "leak");
	AGREES(&l->x[0]);
	read_free(l);
	strbuf_free(&b);
	free(text);
}

/* Other messages between all lines. */
Test(prefixes, interleaved)
{
	char *text =
		decorate(report_6_1, "May  1 12:03:58 host kernel: [   14.179751] ",
			 "\nMay  1 12:03:58 host sshd[99]: Out of memory: Killed process 1 (nobody)\n"
			 "May  1 12:03:58 host kernel: [   14.179752] usb 1-1: reset high-speed USB device number 2");

	check("interleaved", text, 0);
	free(text);
}
