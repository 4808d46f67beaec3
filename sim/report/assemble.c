/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/assemble.h"

#include <string.h>

/* Lines of other origin that may stand between two lines of one report. */
#define SILENT_MAX 2000

void assemble_init(struct assembler *a, report_fn fn, void *ctx)
{
	memset(a, 0, sizeof(*a));
	a->fn = fn;
	a->ctx = ctx;
}

void assemble_free(struct assembler *a)
{
	if (a->open)
		oom_report_free(&a->cur);
	a->open = false;
}

bool assemble_active(const struct assembler *a)
{
	return (a->open && !a->ended) || a->ncut;
}

/* ---- what the log told before ---- */

static void forget(struct assembler *a)
{
	a->ndead = a->next_dead = 0;
	a->swap_kB = (struct oom_u64){ 0 };
	a->release[0] = '\0';
}

static void remember_dead(struct assembler *a, const struct oom_victim *v)
{
	struct dead_process *d = &a->dead[a->next_dead];

	if (!v->has)
		return;
	a->next_dead = (a->next_dead + 1) % ASSEMBLE_MEMORY;
	if (a->ndead < ASSEMBLE_MEMORY)
		a->ndead++;
	d->pid = v->pid;
	memcpy(d->comm, v->comm, sizeof(d->comm));
}

static bool is_dead(const struct assembler *a, const struct oom_table_task *t)
{
	for (unsigned i = 0; i < a->ndead; i++)
		if (a->dead[i].pid == t->pid && !strcmp(a->dead[i].comm, t->comm))
			return true;
	return false;
}

/* A process that is in the table although it was killed before is still exiting: its memory is reaped or given up. */
static void mark_dead(struct assembler *a)
{
	const struct oom_victim *actual = oom_report_actual(&a->cur);

	for (size_t i = 0; a->ndead && i < a->cur.ntask; i++) {
		struct oom_table_task *t = &a->cur.task[i];

		if (actual && actual->pid == t->pid)
			continue; /* the pid was used again, or the kernel tries once more */
		t->killed_before = is_dead(a, t);
		a->cur.killed_in_log |= t->killed_before;
	}
}

static void boot_line(struct assembler *a, const struct stripped *s)
{
	struct scan c = scan_of(s->s, s->n);
	const char *end;

	forget(a);
	scan_past(&c, "Linux version ");
	end = memchr(c.p, ' ', scan_left(&c));
	scan_copy(a->release, sizeof(a->release), c.p, end ? (size_t)(end - c.p) : scan_left(&c));
}

static void swapon_line(struct assembler *a, const struct stripped *s)
{
	struct scan c = scan_of(s->s, s->n);
	uint64_t kB;

	if (!scan_past(&c, "Adding ") || !scan_u64(&c, &kB) || !u64_add(a->swap_kB.v, kB, &kB))
		return;
	a->swap_kB = (struct oom_u64){ true, kB };
}

/* ---- beginning and end of a report ---- */

/* The victim's size is printed in pages in the table and in kB by the Killed line. */
static void page_size_from_victim(struct oom_report *r)
{
	long i = r->killed.has ? oom_report_find(r, r->killed.pid) : -1;
	uint64_t pages, kB;

	if (r->page_known || i < 0 || !r->killed.total_vm_kB.has || r->task[i].v[OOM_COL_TOTAL_VM] <= 0)
		return;
	pages = (uint64_t)r->task[i].v[OOM_COL_TOTAL_VM];
	kB = r->killed.total_vm_kB.v / pages;
	if (kB * pages != r->killed.total_vm_kB.v || kB < 4 || kB > 1024 || (kB & (kB - 1)))
		return;
	r->page_kB = kB;
	r->page_known = true;
}

static void complete(struct assembler *a)
{
	struct oom_report *r = &a->cur;

	page_size_from_victim(r);
	if (!r->release[0] && a->release[0]) {
		memcpy(r->release, a->release, sizeof(r->release));
		r->release_from_boot = true;
	}
	r->version = oom_version_parse(r->release);
	r->log_swap_total_kB = a->swap_kB;
	mark_dead(a);
}

static void apply_cut(struct assembler *a);

void assemble_close(struct assembler *a)
{
	apply_cut(a);
	if (!a->open)
		return;
	complete(a);
	a->nreport++;
	if (!a->error)
		a->error = a->fn(a->ctx, &a->cur);
	remember_dead(a, &a->cur.killed);
	if (!a->cur.killed.has)
		remember_dead(a, &a->cur.reaped);
	if (a->cur.swap_total_kB.has)
		a->swap_kB = a->cur.swap_total_kB;
	oom_report_free(&a->cur);
	a->open = false;
}

static void open_report(struct assembler *a, const struct stripped *s, unsigned long line)
{
	assemble_close(a);
	oom_report_init(&a->cur);
	a->open = true;
	a->ended = false;
	a->cur.line = line;
	if (!s->has_stamp)
		return;
	/* Time runs backwards where logs of several boots or machines are joined. */
	if (a->last_stamp_us.has && s->stamp_us + 1000000 < a->last_stamp_us.v)
		forget(a);
	a->cur.stamp_us = a->last_stamp_us = (struct oom_u64){ true, s->stamp_us };
}

/* Lines that begin a report of which the head is missing. */
static bool begins_headless(const struct assembler *a, enum oom_line k)
{
	if (k < LINE_CPU || k > LINE_CONSTRAINT || k == LINE_ELIDED || k == LINE_MEMCG_STAT || k == LINE_FAULT)
		return false;
	if (!a->open || a->ended)
		return true;
	return k == LINE_HEADER && a->cur.ntask; /* a second table */
}

/* ---- the end ---- */

static void other_victim(struct oom_report *r, enum oom_line k, const char *m, size_t n)
{
	static const char exiting[] = "OOM victim ", would[] = "would have killed process ";
	struct oom_victim *v = k == LINE_EXITING ? &r->exiting : &r->would_have;
	struct scan c = scan_of(m, n);
	const char *close;

	if (k == LINE_EXITING ? !scan_past_n(&c, exiting, sizeof(exiting) - 1)
			      : !scan_past_n(&c, would, sizeof(would) - 1))
		return;
	if (!scan_int(&c, &v->pid) || !scan_lit(&c, " (") || !(close = scan_rfind(c.p, scan_left(&c), ")")))
		return;
	scan_copy_name(v->comm, sizeof(v->comm), c.p, (size_t)(close - c.p));
	v->has = true;
}

static bool same_victim(const struct oom_victim *a, const struct oom_victim *b)
{
	return a->has && b->has && a->pid == b->pid && !strcmp(a->comm, b->comm);
}

static void group_member(struct assembler *a, const struct oom_victim *v)
{
	if (same_victim(&a->cur.killed, v))
		return;
	a->cur.group_kills++;
	remember_dead(a, v);
}

/* Sizes end in kB, and the last field of all is a plain number. */
static bool killed_whole(const struct oom_victim *v, const char *m, size_t n)
{
	return !v->total_vm_kB.has || (n && m[n - 1] == 'B') || (v->has_adj && n && scan_digit(m[n - 1]));
}

/* False: the line looks cut. */
static bool killed_line(struct assembler *a, const struct stripped *s, const char *m, size_t n, unsigned long line)
{
	enum oom_killed_by by;
	struct oom_victim v;
	bool comma_uid;

	if (!parse_killed(m, n, &v, &by, &comma_uid))
		return false;
	if (a->open && a->cur.killed.has) {
		if (same_victim(&a->cur.killed, &v)) { /* the same line by another way, or with its other half */
			if (v.has_adj || !a->cur.killed.has_adj)
				a->cur.killed = v;
			return true;
		}
		if (a->cur.group[0]) {
			group_member(a, &v);
			return true;
		}
	}
	if (!a->open || a->cur.killed.has || a->cur.panic)
		open_report(a, s, line);
	a->cur.killed = v;
	a->cur.killed_comma_uid = comma_uid;
	a->cur.kill_prefixed = by != OOM_BY_UNKNOWN;
	if (by != OOM_BY_UNKNOWN)
		a->cur.by = by;
	a->ended = true;
	return killed_whole(&v, m, n);
}

static void group_line(struct oom_report *r, const char *m, size_t n)
{
	const char *end = scan_find(m, n, " are going to be killed");
	struct scan c = scan_of(m, n);

	if (end && scan_lit(&c, "Tasks in ") && end > c.p)
		scan_copy(r->group, sizeof(r->group), c.p, (size_t)(end - c.p));
}

static void reaped_line(struct assembler *a, const char *m, size_t n)
{
	struct oom_victim v;

	if (!parse_reaped(m, n, &v) || !a->open)
		return;
	if (!a->cur.reaped.has)
		a->cur.reaped = v;
	if (a->cur.has_table && !a->cur.killed.has)
		a->ended = true; /* its Killed line was rate limited or cut away */
}

static void suppressed_line(struct assembler *a, const char *m, size_t n)
{
	struct scan c = scan_of(m, n);
	uint64_t v;

	if (a->open && scan_past(&c, "oom_kill_process: ") && scan_u64(&c, &v))
		a->cur.suppressed = (struct oom_u64){ true, v };
}

static void pinned_line(struct oom_report *r, const char *m, size_t n)
{
	struct scan c = scan_of(m, n);
	const char *close;

	if (!scan_past(&c, " has mm pinned by ") || !scan_int(&c, &r->pinned_by.pid) || !scan_lit(&c, " ("))
		return;
	close = scan_rfind(c.p, scan_left(&c), ")");
	if (!close)
		return;
	scan_copy_name(r->pinned_by.comm, sizeof(r->pinned_by.comm), c.p, (size_t)(close - c.p));
	r->pinned_by.has = true;
}

/* ---- one line ---- */

/* Lines of the end of a report, which may come with no report open. False: cut. */
static bool end_line(struct assembler *a, enum oom_line k, const struct stripped *s, const char *m, size_t n,
		     unsigned long line)
{
	switch (k) {
	case LINE_CHOSEN:
		if (scan_find(m, n, "sharing same memory"))
			return true;
		if (!a->open || a->cur.killed.has || a->cur.panic || a->cur.chosen.has)
			open_report(a, s, line);
		return line_apply(k, &a->cur, m, n);
	case LINE_KILLED:
		return killed_line(a, s, m, n, line);
	case LINE_EXITING:
	case LINE_WOULD:
		if (!a->open || a->cur.killed.has)
			open_report(a, s, line);
		other_victim(&a->cur, k, m, n);
		a->ended = true;
		return true;
	case LINE_PANIC:
		if (!a->open || a->cur.killed.has)
			open_report(a, s, line);
		line_apply(k, &a->cur, m, n);
		a->ended = true;
		return true;
	case LINE_GROUP:
		if (a->open)
			group_line(&a->cur, m, n);
		return true;
	case LINE_REAPED:
		reaped_line(a, m, n);
		return true;
	case LINE_PINNED:
		if (a->open)
			pinned_line(&a->cur, m, n);
		return true;
	case LINE_SUPPRESSED:
		suppressed_line(a, m, n);
		return true;
	default:
		return true;
	}
}

/* False: the line looks cut. */
static bool apply(struct assembler *a, enum oom_line k, const struct stripped *s, const char *m, size_t n,
		  unsigned long line)
{
	bool whole = true;

	if (k == LINE_INVOKED)
		open_report(a, s, line);
	else if (begins_headless(a, k))
		open_report(a, s, line);
	if (k >= LINE_CHOSEN && k <= LINE_PANIC)
		whole = end_line(a, k, s, m, n, line);
	else if (a->open && !(a->ended && k < LINE_CHOSEN))
		whole = line_apply(k, &a->cur, m, n);
	if (a->open) {
		a->cur.last_line = line;
		a->silent = 0;
	}
	return whole;
}

static void keep_cut(struct assembler *a, enum oom_line k, bool prefixed, const char *m, size_t n, unsigned long line)
{
	if (n >= sizeof(a->cut))
		return;
	memcpy(a->cut, m, n);
	a->ncut = n;
	a->cut_kind = k;
	a->cut_prefixed = prefixed;
	a->cut_line = line;
}

/* A row whose name never came is a row all the same: one blank makes it whole. */
static void apply_cut(struct assembler *a)
{
	struct stripped none = { 0 };
	size_t n = a->ncut;

	a->ncut = 0;
	if (!n || !a->open || a->ended || a->cut_kind != LINE_ROW || n + 1 >= sizeof(a->cut))
		return;
	a->cut[n++] = ' ';
	apply(a, LINE_ROW, &none, a->cut, n, a->cut_line);
}

/* The rest of a line that a terminal or a mailer wrapped: it has no prefix although the first part had one, or is of no kind.
 * True if it was taken as that. */
static bool join_cut(struct assembler *a, enum oom_line k, const struct stripped *s, unsigned long line)
{
	size_t n = a->ncut;
	bool joins = k == LINE_OTHER && !s->prefixed && s->n;

	if (!n)
		return false;
	if (!joins || n + s->n + 1 >= sizeof(a->cut)) {
		apply_cut(a);
		return false;
	}
	/* Wrapping at a blank swallows it; wrapping in the middle of a word does not. A row's numbers and names need one. */
	if (a->cut_kind == LINE_ROW && a->cut[n - 1] != ' ' && s->s[0] != ' ')
		a->cut[n++] = ' ';
	memcpy(a->cut + n, s->s, s->n);
	n += s->n;
	a->ncut = 0;
	/* The first part has begun a report already. */
	if (a->open && (a->cut_kind == LINE_INVOKED || a->cut_kind == LINE_CHOSEN)) {
		if (!line_apply(a->cut_kind, &a->cur, a->cut, n))
			keep_cut(a, a->cut_kind, a->cut_prefixed, a->cut, n, a->cut_line);
		a->cur.last_line = line;
		return true;
	}
	if (!apply(a, a->cut_kind, s, a->cut, n, a->cut_line))
		keep_cut(a, a->cut_kind, a->cut_prefixed, a->cut, n, a->cut_line);
	return true;
}

void assemble_line(struct assembler *a, enum oom_line kind, const struct stripped *s, unsigned long line)
{
	if (join_cut(a, kind, s, line))
		return;
	if (kind == LINE_BOOT)
		boot_line(a, s);
	if (kind == LINE_SWAPON)
		swapon_line(a, s);
	if (kind == LINE_OTHER || kind >= LINE_BOOT) {
		if (a->open && !a->ended && ++a->silent > SILENT_MAX)
			a->ended = true;
		return;
	}
	if (!apply(a, kind, s, s->s, s->n, line))
		keep_cut(a, kind, s->prefixed, s->s, s->n, line);
}
