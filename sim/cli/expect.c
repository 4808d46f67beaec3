/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `expect:` held against what a run came to. Only kernel kills count: daemons have their own expectations. */
#include "sim/cli/expect.h"

#include <string.h>

#include "sim/cli/cli.h"

static bool by_kernel(const struct collect_kill *k)
{
	return !strcmp(k->k.by, "kernel");
}

static void add_time(struct strbuf *out, sim_ns t)
{
	char s[32];

	cli_human_time(s, t);
	strbuf_puts(out, s);
}

/* "between 3.000 s and 9.000 s", with the sides that were given. */
static void add_bounds(struct strbuf *out, sim_ns after, sim_ns before)
{
	if (after) {
		strbuf_puts(out, "after ");
		add_time(out, after);
	}
	if (before != SIM_NEVER) {
		strbuf_puts(out, after ? " and before " : "before ");
		add_time(out, before);
	}
}

static void add_kills(struct strbuf *out, const struct collect *c)
{
	const char *sep = "";

	for (size_t i = 0; i < c->nkill; i++) {
		if (!by_kernel(&c->kill[i]))
			continue;
		strbuf_addf(out, "%s%s at ", sep, c->kill[i].k.comm);
		add_time(out, c->kill[i].k.t_ns);
		sep = ", ";
	}
	if (!*sep)
		strbuf_puts(out, "none");
}

static const struct collect_kill *nth_kernel_kill(const struct collect *c, size_t n)
{
	for (size_t i = 0; i < c->nkill; i++) {
		if (by_kernel(&c->kill[i]) && n-- == 0)
			return &c->kill[i];
	}
	return NULL;
}

static bool same_victims(const struct expect_cfg *e, const struct collect *c)
{
	for (size_t i = 0; i < e->nvictim; i++) {
		const struct collect_kill *k = nth_kernel_kill(c, i);

		if (!k || strcmp(k->k.comm, e->victim[i].comm))
			return false;
	}
	return !nth_kernel_kill(c, e->nvictim);
}

static unsigned victims(struct strbuf *out, const struct expect_cfg *e, const struct collect *c)
{
	if (!e->has_victims || same_victims(e, c))
		return 0;
	strbuf_puts(out, "  victims: expected ");
	for (size_t i = 0; i < e->nvictim; i++)
		strbuf_addf(out, "%s%s", i ? ", " : "", e->victim[i].comm);
	strbuf_puts(out, e->nvictim ? "; got " : "none; got ");
	add_kills(out, c);
	strbuf_puts(out, "\n");
	return 1;
}

static unsigned one_time(struct strbuf *out, const char *what, sim_ns t, sim_ns after, sim_ns before)
{
	if (t >= after && (before == SIM_NEVER || t <= before))
		return 0;
	strbuf_addf(out, "  %s: expected ", what);
	add_bounds(out, after, before);
	strbuf_puts(out, "; got ");
	add_time(out, t);
	strbuf_puts(out, "\n");
	return 1;
}

static unsigned victim_times(struct strbuf *out, const struct expect_cfg *e, const struct collect *c)
{
	unsigned n = 0;

	for (size_t i = 0; e->has_victims && i < e->nvictim; i++) {
		const struct collect_kill *k = nth_kernel_kill(c, i);
		char what[64];

		if (!k || strcmp(k->k.comm, e->victim[i].comm))
			continue; /* told by victims() */
		snprintf(what, sizeof(what), "kill %zu (%s)", i + 1, k->k.comm);
		n += one_time(out, what, k->k.t_ns, e->victim[i].after, e->victim[i].before);
	}
	return n;
}

static unsigned survivors(struct strbuf *out, const struct expect_cfg *e, const struct collect *c)
{
	unsigned n = 0;

	for (size_t i = 0; i < e->nnot_killed; i++) {
		for (size_t j = 0; j < c->nkill; j++) {
			if (strcmp(c->kill[j].k.comm, e->not_killed[i]))
				continue;
			strbuf_addf(out, "  not_killed: %s (pid %d) was killed by %s at ", e->not_killed[i],
				    (int)c->kill[j].k.pid, c->kill[j].k.by);
			add_time(out, c->kill[j].k.t_ns);
			strbuf_puts(out, "\n");
			n++;
			break;
		}
	}
	return n;
}

static bool same_evictions(const struct expect_cfg *e, const struct collect_kube *k)
{
	if (e->nevicted != k->neviction)
		return false;
	for (size_t i = 0; i < e->nevicted; i++)
		if (strcmp(e->evicted[i], k->eviction[i].owner))
			return false;
	return true;
}

static unsigned evictions(struct strbuf *out, const struct expect_cfg *e, const struct collect_kube *k)
{
	if (!e->has_evicted || same_evictions(e, k))
		return 0;
	strbuf_puts(out, "  evicted: expected ");
	for (size_t i = 0; i < e->nevicted; i++)
		strbuf_addf(out, "%s%s", i ? ", " : "", e->evicted[i]);
	strbuf_puts(out, e->nevicted ? "; got " : "none; got ");
	for (size_t i = 0; i < k->neviction; i++) {
		strbuf_addf(out, "%s%s at ", i ? ", " : "", k->eviction[i].owner);
		add_time(out, k->eviction[i].t_ns);
	}
	strbuf_puts(out, k->neviction ? "\n" : "none\n");
	return 1;
}

static unsigned first_kill(struct strbuf *out, const struct expect_cfg *e, const struct collect *c)
{
	const struct collect_kill *k = nth_kernel_kill(c, 0);

	if (!e->first_kill_after && e->first_kill_before == SIM_NEVER)
		return 0;
	if (k)
		return one_time(out, "first_kill", k->k.t_ns, e->first_kill_after, e->first_kill_before);
	strbuf_puts(out, "  first_kill: expected ");
	add_bounds(out, e->first_kill_after, e->first_kill_before);
	strbuf_puts(out, "; nothing was killed\n");
	return 1;
}

static unsigned ending(struct strbuf *out, const struct expect_cfg *e, const struct collect *c)
{
	if (!e->has_ended || e->ended == (int)c->ended)
		return 0;
	strbuf_addf(out, "  ended: expected %s; got %s at ", run_end_name[e->ended], run_end_name[c->ended]);
	add_time(out, c->end_ns);
	strbuf_puts(out, "\n");
	return 1;
}

unsigned expect_compare(struct strbuf *out, const struct expect_cfg *e, const struct collect *c)
{
	if (!e->present)
		return 0;
	return victims(out, e, c) + victim_times(out, e, c) + survivors(out, e, c) +
	       evictions(out, e, &c->kube) + first_kill(out, e, c) + ending(out, e, c);
}
