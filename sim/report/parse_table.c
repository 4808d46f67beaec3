/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The task table, whatever its columns: the header line names them, and without one their number and looks tell. */
#include <stdlib.h>

#include "sim/report/grammar.h"
#include "sim/report/scan.h"

static enum oom_format format_of(uint32_t columns)
{
#define HAS(c) (columns >> OOM_COL_##c & 1)
	if (HAS(RSS_ANON))
		return OOM_FORMAT_RSS_ANON;
	if (HAS(PGTABLES_BYTES))
		return OOM_FORMAT_PGTABLES;
	if (HAS(NR_PMDS))
		return OOM_FORMAT_NR_PMDS;
	if (HAS(NR_PTES))
		return OOM_FORMAT_NR_PTES;
	if (HAS(OOM_SCORE_ADJ))
		return OOM_FORMAT_OOM_SCORE_ADJ;
	return HAS(OOM_ADJ) ? OOM_FORMAT_OOM_ADJ : OOM_FORMAT_NONE;
#undef HAS
}

static void set_layout(struct oom_report *r, const uint8_t *layout, unsigned n)
{
	r->columns = 0;
	r->nlayout = n;
	memcpy(r->layout, layout, n);
	for (unsigned i = 0; i < n; i++)
		if (layout[i] < OOM_COLUMNS)
			r->columns |= UINT32_C(1) << layout[i];
	r->format = format_of(r->columns);
}

static uint8_t column_named(const char *s, size_t n)
{
	for (unsigned i = 0; i < OOM_COLUMNS; i++)
		if (strlen(oom_column_name(i)) == n && !memcmp(oom_column_name(i), s, n))
			return (uint8_t)i;
	return OOM_COLUMNS;
}

bool parse_header(struct oom_report *r, const char *m, size_t n)
{
	struct scan c = scan_of(m, n);
	uint8_t layout[sizeof(r->layout)];
	unsigned columns = 0;
	bool name = false;

	if (!scan_past(&c, "]"))
		return true;
	while (!name) {
		const char *word;

		scan_blanks(&c);
		for (word = c.p; c.p < c.end && *c.p != ' ' && *c.p != '\t';)
			c.p++;
		if (c.p == word)
			break;
		name = c.p - word == 4 && !memcmp(word, "name", 4);
		if (!name && columns < sizeof(layout))
			layout[columns++] = column_named(word, (size_t)(c.p - word));
	}
	if (!name)
		return false;
	r->has_table = true;
	r->guessed_columns = false;
	if (!r->ntask)
		set_layout(r, layout, columns);
	return true;
}

/* Without a header: how many numbers a row holds, and whether the fifth is a multiple of 4096 as bytes are. */
static bool guess_layout(struct oom_report *r, const char *m, size_t n)
{
	static const uint8_t adj[] = { OOM_COL_UID, OOM_COL_TGID, OOM_COL_TOTAL_VM,
				       OOM_COL_RSS, OOM_COL_CPU,  OOM_COL_OOM_ADJ };
	static const uint8_t ptes[] = { OOM_COL_UID,     OOM_COL_TGID,     OOM_COL_TOTAL_VM,     OOM_COL_RSS,
					OOM_COL_NR_PTES, OOM_COL_SWAPENTS, OOM_COL_OOM_SCORE_ADJ };
	static const uint8_t bytes[] = { OOM_COL_UID,          OOM_COL_TGID,           OOM_COL_TOTAL_VM,
					 OOM_COL_RSS,          OOM_COL_PGTABLES_BYTES, OOM_COL_SWAPENTS,
					 OOM_COL_OOM_SCORE_ADJ };
	static const uint8_t pmds[] = { OOM_COL_UID,     OOM_COL_TGID,    OOM_COL_TOTAL_VM, OOM_COL_RSS,
					OOM_COL_NR_PTES, OOM_COL_NR_PMDS, OOM_COL_SWAPENTS, OOM_COL_OOM_SCORE_ADJ };
	static const uint8_t anon[] = { OOM_COL_UID,          OOM_COL_TGID,           OOM_COL_TOTAL_VM,
					OOM_COL_RSS,          OOM_COL_RSS_ANON,       OOM_COL_RSS_FILE,
					OOM_COL_RSS_SHMEM,    OOM_COL_PGTABLES_BYTES, OOM_COL_SWAPENTS,
					OOM_COL_OOM_SCORE_ADJ };
	struct scan c = scan_of(m, n);
	int64_t v[12];
	int k = 0;

	if (!scan_past(&c, "]"))
		return false;
	for (scan_blanks(&c); k < 12 && scan_i64(&c, &v[k]) && (scan_done(&c) || *c.p == ' '); scan_blanks(&c))
		k++;
	if (k >= 10)
		set_layout(r, anon, sizeof(anon));
	else if (k == 8 && v[4] % 4096)
		set_layout(r, pmds, sizeof(pmds));
	else if (k >= 7 && v[4] >= 4096 && v[4] % 4096 == 0)
		set_layout(r, bytes, sizeof(bytes));
	else if (k >= 7)
		set_layout(r, ptes, sizeof(ptes));
	else if (k == 6)
		set_layout(r, adj, sizeof(adj));
	else
		return false;
	r->guessed_columns = true;
	return true;
}

static struct oom_table_task *new_task(struct oom_report *r)
{
	if (r->ntask == OOM_TASKS_MAX) {
		r->rows_dropped++;
		return NULL;
	}
	if (r->ntask == r->task_cap) {
		size_t cap = r->task_cap ? r->task_cap * 2 : 64;
		struct oom_table_task *v = realloc(r->task, cap * sizeof(*v));

		if (!v) {
			r->rows_dropped++;
			return NULL;
		}
		r->task = v;
		r->task_cap = cap;
	}
	memset(&r->task[r->ntask], 0, sizeof(*r->task));
	return &r->task[r->ntask++];
}

/* What a table can hold: beyond it a sum could overflow, and the text is not a kernel's. */
static bool plausible(int64_t v)
{
	return v > -(INT64_C(1) << 44) && v < INT64_C(1) << 44;
}

bool parse_row(struct oom_report *r, const char *m, size_t n)
{
	struct oom_table_task t = { 0 }, *slot;
	struct scan c = scan_of(m, n);

	r->has_table = true;
	if (!r->nlayout && !guess_layout(r, m, n))
		return false;
	scan_lit(&c, "[");
	scan_blanks(&c);
	if (!scan_int(&c, &t.pid) || !scan_lit(&c, "]"))
		return true;
	for (unsigned i = 0; i < r->nlayout; i++) {
		int64_t v = 0;

		scan_blanks(&c);
		if (!scan_i64(&c, &v) || (!scan_done(&c) && *c.p != ' ' && *c.p != '\t')) {
			if (scan_done(&c))
				return false;
			r->bad_rows++;
			return true;
		}
		if (!plausible(v)) {
			r->bad_rows++;
			return true;
		}
		if (r->layout[i] < OOM_COLUMNS)
			t.v[r->layout[i]] = v;
	}
	if (scan_done(&c))
		return false; /* no name yet */
	c.p++;
	scan_copy_name(t.comm, sizeof(t.comm), c.p, scan_left(&c));
	slot = new_task(r);
	if (slot)
		*slot = t;
	return true;
}
