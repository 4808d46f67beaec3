/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/sweep_plan.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/units.h"

#define UNIT_PARTS 1000 /* a number with a unit is drawn in thousandths */
#define NO_MEMORY  "out of memory"

/* The end of the value that begins at s: the next comma outside of brackets and quotes, or the end of the text. */
static const char *value_end(const char *s)
{
	int depth = 0;
	char quote = 0;

	for (; *s && (*s != ',' || depth > 0 || quote); s++) {
		if (quote)
			quote = *s == quote ? 0 : quote;
		else if (*s == '"' || *s == '\'')
			quote = *s;
		else if (strchr("[{(", *s))
			depth++;
		else if (strchr("]})", *s))
			depth--;
	}
	return s;
}

static bool add_value(struct vary *v, const char *s, size_t n)
{
	char **list = realloc(v->value, (v->nvalue + 1) * sizeof(*list));

	if (!list)
		return false;
	v->value = list;
	list[v->nvalue] = strndup(s, n);
	return list[v->nvalue++];
}

static const char *read_list(struct vary *v, const char *s)
{
	for (;;) {
		const char *end = value_end(s);

		if (end == s)
			return "a value is empty";
		if (!add_value(v, s, (size_t)(end - s)))
			return NO_MEMORY;
		if (!*end)
			return NULL;
		s = end + 1;
	}
}

static const struct {
	const char *name;
	enum sim_dist_kind kind;
	int nparam;
} drawn[] = {
	{ "constant", SIM_DIST_CONSTANT, 1 },
	{ "uniform", SIM_DIST_UNIFORM, 2 },
	{ "exponential", SIM_DIST_EXPONENTIAL, 1 },
	{ "gaussian", SIM_DIST_GAUSSIAN, 2 },
};

/* Which of them s calls by its name and "("; -1: none. */
static int dist_of(const char *s)
{
	for (size_t i = 0; i < ARRAY_LEN(drawn); i++) {
		size_t n = strlen(drawn[i].name);

		if (!strncmp(s, drawn[i].name, n) && s[n] == '(')
			return (int)i;
	}
	return -1;
}

static const char *read_dist(struct vary *v, const char *s, int which)
{
	char *end;

	v->dist.kind = drawn[which].kind;
	s += strlen(drawn[which].name) + 1;
	for (int i = 0; i < drawn[which].nparam; i++) {
		v->dist.p[i] = strtod(s, &end);
		if (end == s || !isfinite(v->dist.p[i]) || v->dist.p[i] < 0)
			return "a parameter is not a number of at least 0";
		if (*end != (i + 1 < drawn[which].nparam ? ',' : ')'))
			return "uniform and gaussian have two parameters, exponential and constant one";
		s = end + 1;
	}
	if (strlen(s) >= sizeof(v->unit))
		return "the unit is too long";
	strcpy(v->unit, s);
	for (int i = 0; *s && i < drawn[which].nparam; i++)
		v->dist.p[i] *= UNIT_PARTS;
	if (v->dist.kind == SIM_DIST_UNIFORM && v->dist.p[0] > v->dist.p[1])
		return "min is above max";
	return NULL;
}

static bool known(const struct sweep_plan *p, const char *path)
{
	for (size_t i = 0; i < p->nvary; i++)
		if (!strcmp(p->vary[i].path, path))
			return true;
	return false;
}

bool plan_add(struct sweep_plan *p, const char *text, const char **reterr)
{
	const char *equals = strchr(text, '=');
	struct vary *list = realloc(p->vary, (p->nvary + 1) * sizeof(*list)), *v;
	int which;

	*reterr = NO_MEMORY;
	if (!list)
		return false;
	p->vary = list;
	v = &list[p->nvary];
	*v = (struct vary){ 0 };
	*reterr = "expected PATH=A,B,C or PATH=uniform(A,B)";
	if (!equals || equals == text)
		return false;
	v->path = strndup(text, (size_t)(equals - text));
	if (!v->path || known(p, v->path)) {
		*reterr = v->path ? "the path is varied already" : NO_MEMORY;
		free(v->path);
		return false;
	}
	p->nvary++;
	which = dist_of(equals + 1);
	*reterr = which >= 0 ? read_dist(v, equals + 1, which) : read_list(v, equals + 1);
	return !*reterr;
}

size_t plan_points(const struct sweep_plan *p)
{
	size_t n = 1;

	for (size_t i = 0; i < p->nvary; i++)
		if (p->vary[i].value && __builtin_mul_overflow(n, p->vary[i].nvalue, &n))
			return SIZE_MAX;
	return n;
}

size_t plan_runs(const struct sweep_plan *p)
{
	size_t n;

	return __builtin_mul_overflow(plan_points(p), p->runs, &n) ? SIZE_MAX : n;
}

uint64_t plan_seed(const struct sweep_plan *p, size_t i)
{
	return p->seed + i / plan_points(p);
}

size_t plan_point(const struct sweep_plan *p, size_t i)
{
	return i % plan_points(p);
}

/* The same seed draws the same value in every combination: they differ in nothing else. */
static void draw(const struct sweep_plan *p, size_t i, const struct vary *v, struct strbuf *ret)
{
	struct sim_rng *r = sim_rng_new(plan_seed(p, i), v->path);
	uint64_t n;

	if (!r) {
		ret->failed = true;
		return;
	}
	n = sim_dist_draw(&v->dist, r);
	sim_rng_free(r);
	if (*v->unit)
		strbuf_addf(ret, "%" PRIu64 ".%03u%s", n / UNIT_PARTS, (unsigned)(n % UNIT_PARTS), v->unit);
	else
		strbuf_addf(ret, "%" PRIu64, n);
}

void plan_value(const struct sweep_plan *p, size_t i, size_t v, struct strbuf *ret)
{
	size_t point = plan_point(p, i);

	if (!p->vary[v].value) {
		draw(p, i, &p->vary[v], ret);
		return;
	}
	for (size_t k = p->nvary - 1; k > v; k--)
		if (p->vary[k].value)
			point /= p->vary[k].nvalue;
	strbuf_puts(ret, p->vary[v].value[point % p->vary[v].nvalue]);
}

void plan_free(struct sweep_plan *p)
{
	for (size_t i = 0; i < p->nvary; i++) {
		for (size_t k = 0; k < p->vary[i].nvalue; k++)
			free(p->vary[i].value[k]);
		free(p->vary[i].value);
		free(p->vary[i].path);
	}
	free(p->vary);
	*p = (struct sweep_plan){ 0 };
}
