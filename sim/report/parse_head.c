/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a report begins: who asked for memory, on which kernel. */
#include "sim/report/grammar.h"
#include "sim/report/scan.h"

/* A value that ends at ", " or at the end of the line. */
static void copy_field(char *ret, size_t size, const struct scan *c)
{
	const char *end = scan_find(c->p, scan_left(c), ", ");
	size_t n = end ? (size_t)(end - c->p) : scan_left(c);

	while (n && (c->p[n - 1] == ' ' || c->p[n - 1] == ','))
		n--;
	scan_copy(ret, size, c->p, n);
}

static void parse_gfp(struct oom_report *r, struct scan *c)
{
	const char *close;

	if (!scan_hex(c, &r->gfp_mask) || !scan_lit(c, "(") || !(close = memchr(c->p, ')', scan_left(c))))
		return;
	scan_copy(r->gfp_names, sizeof(r->gfp_names), c->p, (size_t)(close - c->p));
	c->p = close + 1;
}

bool parse_invoked(struct oom_report *r, const char *m, size_t n)
{
	const char *at = scan_find(m, n, " invoked oom-killer:");
	struct scan c = scan_of(m, n), t;
	bool whole;

	r->has_header = true;
	if (at)
		scan_copy_name(r->trigger_comm, sizeof(r->trigger_comm), m, (size_t)(at - m));
	else
		r->old_invoked = true;
	if (at)
		c.p = at;
	t = c;
	whole = scan_past(&t, "gfp_mask=");
	if (whole)
		parse_gfp(r, &t);
	t = c;
	if (scan_past(&t, "nodemask="))
		copy_field(r->nodemask, sizeof(r->nodemask), &t);
	t = c;
	r->has_order = scan_past(&t, "order=") && scan_int(&t, &r->order);
	t = c;
	if (scan_past(&t, "oom_score_adj="))
		r->has_trigger_adj = scan_int(&t, &r->trigger_adj);
	t = c;
	if (!r->has_trigger_adj && (scan_past(&t, "oom_adj=") || scan_past(&t, "oomkilladj="))) {
		r->has_trigger_oom_adj = scan_int(&t, &r->trigger_adj);
		r->has_oomkilladj = !scan_find(c.p, scan_left(&c), "oom_adj=");
	}
	return whole && (r->old_invoked || (r->has_order && (r->has_trigger_adj || r->has_trigger_oom_adj)));
}

/* The release is the word after the taint ("Not tainted 6.1.0", "Tainted: G  W  O  5.14.0"): the first that begins like a
 * version number. */
static void parse_release(struct oom_report *r, const char *m, size_t n)
{
	struct scan c = scan_of(m, n);

	while (c.p < c.end) {
		const char *word = c.p, *end = memchr(c.p, ' ', scan_left(&c));
		size_t len = end ? (size_t)(end - word) : scan_left(&c);

		if (len >= 3 && scan_digit(word[0]) && memchr(word, '.', len) &&
		    (word[1] == '.' || (scan_digit(word[1]) && word[2] == '.'))) {
			scan_copy(r->release, sizeof(r->release), word, len);
			r->release_from_boot = false;
			return;
		}
		c.p += len;
		while (c.p < c.end && *c.p == ' ')
			c.p++;
	}
}

bool parse_cpu(struct oom_report *r, const char *m, size_t n)
{
	struct scan c = scan_of(m, n);
	const char *taint;
	uint64_t pid;

	if (!scan_past(&c, "PID: ") && !scan_past(&c, "Pid: "))
		return true;
	if (!r->trigger_pid.has && scan_u64(&c, &pid) && pid <= INT32_MAX)
		r->trigger_pid = (struct oom_u64){ true, pid };
	taint = scan_find(c.p, scan_left(&c), "ainted");
	if (!r->release[0] || r->release_from_boot) {
		if (taint)
			parse_release(r, taint, (size_t)(c.end - taint));
		else if (scan_past(&c, "omm: "))
			parse_release(r, c.p, scan_left(&c));
		r->version = oom_version_parse(r->release);
	}
	return true;
}

bool parse_cpuset(struct oom_report *r, const char *m, size_t n)
{
	struct scan c = scan_of(m, n);
	const char *end;

	if (!scan_past(&c, " cpuset="))
		return true;
	end = scan_find(c.p, scan_left(&c), " mems_allowed=");
	if (!end)
		return true;
	scan_copy(r->cpuset, sizeof(r->cpuset), c.p, (size_t)(end - c.p));
	c.p = end;
	scan_past(&c, " mems_allowed=");
	copy_field(r->mems_allowed, sizeof(r->mems_allowed), &c);
	return true;
}
