/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Comparison of two summary.json trees. The kills are what people look for first, so they are laid side by side; all other
 * members are walked generically under their path ("vmstat.pgscan_direct"), so that a new counter needs no line here.
 */
#include "sim/cli/compare.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"

struct walk {
	struct strbuf *out;
	unsigned n;
};

static int64_t int_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "?";
}

static bool is_time(const char *path)
{
	size_t n = strlen(path);

	return n >= 3 && !strcmp(path + n - 3, "_ns");
}

/* A leaf as a person reads it. */
static void add_value(struct strbuf *out, const char *path, const json_t *v)
{
	char *text;

	if (json_is_integer(v) && is_time(path)) {
		/* All the digits: what changed may be a microsecond. */
		strbuf_addf(out, "%" PRId64 ".%09" PRId64 " s", (int64_t)json_integer_value(v) / 1000000000,
			    (int64_t)json_integer_value(v) % 1000000000);
		return;
	}
	if (!v) {
		strbuf_puts(out, "(absent)");
		return;
	}
	text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
	strbuf_puts(out, text ? text : "?");
	free(text);
}

static void add_change(struct strbuf *out, const json_t *old, const json_t *now)
{
	double a = json_number_value(old), b = json_number_value(now);

	if (!json_is_number(old) || !json_is_number(now))
		return;
	if (a != 0)
		strbuf_addf(out, "  (%+.2f %%)", (b - a) / (a < 0 ? -a : a) * 100);
	else
		strbuf_addf(out, "  (%+.0f)", b - a);
}

static void leaf(struct walk *w, const char *path, const json_t *old, const json_t *now)
{
	if (old && now && json_equal((json_t *)old, (json_t *)now))
		return;
	w->n++;
	strbuf_addf(w->out, "  %-34s ", path);
	add_value(w->out, path, old);
	strbuf_puts(w->out, " -> ");
	add_value(w->out, path, now);
	add_change(w->out, old, now);
	strbuf_puts(w->out, "\n");
}

static void tree(struct walk *w, const char *path, const json_t *old, const json_t *now);

static void members(struct walk *w, const char *path, const json_t *old, const json_t *now)
{
	const char *key, *dot = *path ? "." : "";
	json_t *v;

	json_object_foreach ((json_t *)old, key, v) {
		struct strbuf below = { 0 };

		strbuf_addf(&below, "%s%s%s", path, dot, key);
		if (!below.failed)
			tree(w, below.s, v, json_object_get(now, key));
		strbuf_free(&below);
	}
	json_object_foreach ((json_t *)now, key, v) {
		struct strbuf below = { 0 };

		strbuf_addf(&below, "%s%s%s", path, dot, key);
		if (!below.failed && !json_object_get(old, key))
			tree(w, below.s, NULL, v);
		strbuf_free(&below);
	}
}

static void elements(struct walk *w, const char *path, const json_t *old, const json_t *now)
{
	size_t n = json_array_size(old) > json_array_size(now) ? json_array_size(old) : json_array_size(now);

	for (size_t i = 0; i < n; i++) {
		struct strbuf below = { 0 };

		strbuf_addf(&below, "%s[%zu]", path, i);
		if (!below.failed)
			tree(w, below.s, json_array_get(old, i), json_array_get(now, i));
		strbuf_free(&below);
	}
}

static void tree(struct walk *w, const char *path, const json_t *old, const json_t *now)
{
	if (!strcmp(path, "oom_kills") || !strcmp(path, "digest"))
		return; /* kills are told before, the digest after all else */
	if (json_is_object(old) && json_is_object(now))
		members(w, path, old, now);
	else if (json_is_array(old) && json_is_array(now))
		elements(w, path, old, now);
	else
		leaf(w, path, old, now);
}

static void add_victim(struct strbuf *out, const json_t *kill)
{
	char t[32];

	if (!kill) {
		strbuf_puts(out, "nothing");
		return;
	}
	cli_human_time(t, (sim_ns)int_of(kill, "t_ns"));
	strbuf_addf(out, "%s (pid %" PRId64 ") at %s by %s", string_of(kill, "comm"), int_of(kill, "pid"), t,
		    string_of(kill, "by"));
}

/* One kill on both sides: who and when on one line, then whatever else is not equal. */
static void one_kill(struct walk *w, size_t i, const json_t *old, const json_t *now)
{
	char path[32];

	if (old && now && json_equal((json_t *)old, (json_t *)now))
		return;
	w->n++;
	strbuf_addf(w->out, "  kill %zu: ", i + 1);
	add_victim(w->out, old);
	strbuf_puts(w->out, " -> ");
	add_victim(w->out, now);
	if (old && now && int_of(old, "t_ns") != int_of(now, "t_ns")) {
		double dt = (double)(int_of(now, "t_ns") - int_of(old, "t_ns")) / 1e9;

		strbuf_addf(w->out, "  (%+.3f s)", dt);
	}
	strbuf_puts(w->out, "\n");
	if (!old || !now)
		return;
	snprintf(path, sizeof(path), "oom_kills[%zu]", i);
	members(w, path, old, now);
}

static void kills(struct walk *w, const json_t *old, const json_t *now)
{
	size_t a = json_array_size(old), b = json_array_size(now);

	if (a != b)
		strbuf_addf(w->out, "  kills: %zu -> %zu\n", a, b);
	for (size_t i = 0; i < a || i < b; i++)
		one_kill(w, i, json_array_get(old, i), json_array_get(now, i));
}

unsigned compare_summaries(struct strbuf *out, const json_t *old, const json_t *now)
{
	struct walk w = { out, 0 };
	const char *a = string_of(old, "digest"), *b = string_of(now, "digest");

	kills(&w, json_object_get(old, "oom_kills"), json_object_get(now, "oom_kills"));
	tree(&w, "", old, now);
	if (strcmp(a, b)) {
		strbuf_addf(out, "  %-34s %s -> %s\n", "digest", a, b);
		if (!w.n)
			strbuf_puts(out, "  every figure of the summary is the same: the order or the detail of some "
					 "event changed\n");
		w.n++;
	}
	return w.n;
}

static size_t line_length(const char *s)
{
	return strcspn(s, "\n");
}

unsigned compare_texts(struct strbuf *out, const char *what, const char *old, const char *now)
{
	unsigned line = 1;

	while (*old && *now) {
		size_t a = line_length(old), b = line_length(now);

		if (a != b || memcmp(old, now, a))
			break;
		old += a + (old[a] == '\n');
		now += b + (now[b] == '\n');
		line++;
	}
	if (!*old && !*now)
		return 0;
	strbuf_addf(out, "  %s, line %u:\n", what, line);
	strbuf_addf(out, "    - %.*s\n", (int)line_length(old), *old ? old : "(ends here)");
	strbuf_addf(out, "    + %.*s\n", (int)line_length(now), *now ? now : "(ends here)");
	return 1;
}
