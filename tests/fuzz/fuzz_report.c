/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The report reader, the explanation and everything made of them must neither crash, leak nor hang, whatever the log. The first
 * byte says in pieces of what size the rest is fed; a log must read the same in any pieces. Text that begins as a recording goes
 * to the recording's reader instead.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/core/diag.h"
#include "sim/report/import.h"
#include "sim/report/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int ok)
{
	if (!ok)
		abort();
}

/* What of a reading must not depend on the pieces it came in. */
struct sum {
	uint64_t reports, tasks, points;
	bool cheap; /* only count */
};

static void check_json(const struct strbuf *b)
{
	int depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < b->len; i++) {
		unsigned char c = (unsigned char)b->s[i];

		require(c >= ' ');
		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted)
			depth += (c == '{' || c == '[') - (c == '}' || c == ']');
	}
	require(!quoted && depth == 0);
}

static void check_text(const struct strbuf *b)
{
	for (size_t i = 0; i < b->len; i++)
		require((unsigned char)b->s[i] >= ' ' || b->s[i] == '\n');
}

static void check_import(const struct explanation *x)
{
	struct import_plan plan;
	struct strbuf yaml = { 0 };
	const char *why;
	int err = import_report(x, &plan, &why);

	require(err == SIM_OK || (err == SIM_EINPUT && why));
	if (!err)
		require(import_yaml(&plan, 0, &yaml) == SIM_OK);
	strbuf_free(&yaml);
	import_plan_free(&plan);
}

static void check_explanation(const struct explanation *x)
{
	static const char *const texts[] = { "ram=64GiB", "kernel=3.10", "100:adj=500", "swap=0", "limit=1GiB" };
	struct what_if w[ARRAY_LEN(texts)];
	struct what_if_result res;
	struct strbuf b = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		require(what_if_parse(texts[i], &w[i], &b));
	require(what_if_apply(x, w, ARRAY_LEN(w), &res) == SIM_OK);
	explain_json(&b, x, w, ARRAY_LEN(w), &res, true);
	check_json(&b);
	strbuf_free(&b);
	explain_text(&b, x, 1, &(struct explain_style){ .rows = 5 });
	explain_what_if_text(&b, x, w, ARRAY_LEN(w), &res);
	check_text(&b);
	strbuf_free(&b);
	check_import(x);
}

static int on_report(void *ctx, const struct oom_report *r)
{
	struct sum *s = ctx;
	struct explanation x;

	s->reports++;
	s->tasks += r->ntask;
	if (s->cheap)
		return SIM_OK;
	require(explain_report(r, &x) == SIM_OK);
	require(x.because.len > 0);
	check_explanation(&x);
	explanation_free(&x);
	return SIM_OK;
}

static void read_in_pieces(const char *text, size_t size, size_t piece, struct sum *s)
{
	struct report_reader *rr = report_reader_new(on_report, s);

	require(rr != NULL);
	for (size_t at = 0; at < size; at += piece)
		require(report_reader_feed(rr, text + at, size - at < piece ? size - at : piece) == SIM_OK);
	require(report_reader_finish(rr) == SIM_OK);
	require(report_reader_reports(rr) == s->reports);
	report_reader_free(rr);
}

static void check_recording(const char *text, size_t size)
{
	struct import_plan plan;
	struct strbuf yaml = { 0 };
	struct snapshot s;
	unsigned long line;
	const char *why;
	int err = recording_last(text, size, &s, &line, &why);

	require(err == SIM_OK || (err == SIM_EINPUT && why && line));
	if (err)
		return;
	err = import_snapshot(&s, &plan, &why);
	require(err == SIM_OK || (err == SIM_EINPUT && why));
	if (!err)
		require(import_yaml(&plan, 0, &yaml) == SIM_OK);
	strbuf_free(&yaml);
	import_plan_free(&plan);
	snapshot_free(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sum whole = { 0 }, pieces = { .cheap = true };
	char *text;
	size_t piece;

	if (!size)
		return 0;
	piece = (size_t)data[0] + 1;
	size--;
	text = malloc(size ? size : 1); /* of its own size, so that reading beyond the end shows */
	require(text != NULL);
	memcpy(text, data + 1, size);
	if (size > 15 && !memcmp(text, "oomsim-record 1", 15)) {
		check_recording(text, size);
	} else {
		read_in_pieces(text, size, size ? size : 1, &whole);
		read_in_pieces(text, size, piece, &pieces);
		require(whole.reports == pieces.reports && whole.tasks == pieces.tasks);
	}
	free(text);
	return 0;
}
