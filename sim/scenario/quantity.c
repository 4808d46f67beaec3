/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/quantity.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/scenario/decimal.h"
#include "sim/scenario/didyoumean.h"
#include "sim/scenario/yaml.h"

struct unit {
	const char *name;
	uint64_t mul; /* in base units */
};

static const struct unit size_units[] = {
	{ "B", 1 },           { "kB", 1000 },    { "KB", 1000 },
	{ "KiB", KIB },       { "MB", 1000000 }, { "MiB", MIB },
	{ "GB", 1000000000 }, { "GiB", GIB },    { "TB", UINT64_C(1000000000000) },
	{ "TiB", TIB },       { NULL, 0 },
};

static const struct unit time_units[] = {
	{ "ns", 1 },
	{ "us", NS_PER_US },
	{ "ms", NS_PER_MS },
	{ "s", NS_PER_SEC },
	{ "min", 60 * NS_PER_SEC },
	{ "h", 3600 * NS_PER_SEC },
	{ "d", 86400 * NS_PER_SEC },
	{ NULL, 0 },
};

#define QHINT(e, ...) ((void)snprintf((e)->hint, sizeof((e)->hint), __VA_ARGS__))

/* Always -1, to be returned. */
__attribute__((format(printf, 2, 3))) static int qerr_set(struct qerr *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	e->hint[0] = 0;
	return -1;
}

/* The number at the start of s; *rest is what follows it and any spaces. */
static int parse_dec(const char *s, struct dec *ret, const char **rest, const char *what, struct qerr *err)
{
	const char *why, *p = dec_parse(s, ret, &why);

	if (!p) {
		qerr_set(err, "'%s' %s", SHOW(s), why);
		QHINT(err, "write %s", what);
		return -1;
	}
	while (*p == ' ')
		p++;
	*rest = p;
	return 0;
}

static const struct unit *unit_find(const struct unit *units, const char *name)
{
	for (; units->name; units++)
		if (!strcmp(units->name, name))
			return units;
	return NULL;
}

/* One letter may be wrong, though not the only one; "Mi" is rather the beginning of MiB than MB mistyped. */
static void offer_unit(struct nearest *near, const char *name)
{
	unsigned d = 2 * edit_distance(near->word, name);

	if (d > 2 || d >= 2 * strlen(near->word))
		return;
	if (d && !strncmp(name, near->word, strlen(near->word)))
		d--;
	if (!near->best || d < near->distance)
		near->best = name, near->distance = d;
}

static int bad_unit(const char *s, const char *unit, const struct unit *units, const char *also, const char *what,
		    struct qerr *err)
{
	static const char *const shorthand[] = { "K",   "KiB", "k",   "KiB", "M",   "MiB", "m",
						 "MiB", "G",   "GiB", "g",   "GiB", "T",   "TiB" };
	struct nearest near = { .word = unit };
	size_t i;

	qerr_set(err, "'%s' is not a %s: unknown unit '%s'", SHOW(s), what, SHOW(unit));
	for (i = 0; units == size_units && i < ARRAY_LEN(shorthand); i += 2)
		if (!strcmp(unit, shorthand[i]))
			near.best = shorthand[i + 1], near.distance = 0;
	for (i = 0; units[i].name; i++)
		offer_unit(&near, units[i].name);
	if (!nearest_hint(&near, err->hint, sizeof(err->hint)))
		QHINT(err, "%s", also);
	return -1;
}

static int too_large(const char *s, struct qerr *err)
{
	qerr_set(err, "'%s' is too large", SHOW(s));
	QHINT(err, "check the number and its unit");
	return -1;
}

static int check_sign(const char *s, const struct dec *d, struct qerr *err)
{
	if (!d->neg)
		return 0;
	qerr_set(err, "'%s' is negative", SHOW(s));
	QHINT(err, "write a value of 0 or more");
	return -1;
}

static int finish(const char *s, const struct dec *d, uint64_t mul, uint64_t div, const char *least, uint64_t *ret,
		  struct qerr *err)
{
	uint64_t v;

	if (check_sign(s, d, err))
		return -1;
	if (!dec_scale(d, mul, div, &v))
		return too_large(s, err);
	if (d->m && !v) {
		qerr_set(err, "'%s' is less than %s", SHOW(s), least);
		QHINT(err, "write 0 or a larger value");
		return -1;
	}
	*ret = v;
	return 0;
}

#define SIZE_FORM "a size, like 64MiB, 4kB, 10pages or 20%"
#define TIME_FORM "a time, like 60s, 100ms, 5min or 2h"
#define RATE_FORM "a rate, like 25MiB/s"

/* The unit of a size as a ratio. */
static int size_unit(const char *s, const char *unit, const struct qctx *ctx, uint64_t *mul, uint64_t *div,
		     struct qerr *err)
{
	const struct unit *u = unit_find(size_units, *unit ? unit : "B");

	*div = 1;
	if (u) {
		*mul = u->mul;
	} else if (!strcmp(unit, "pages") || !strcmp(unit, "page")) {
		if (!ctx->page_size)
			return qerr_set(err, "'%s': pages cannot be used here", SHOW(s));
		*mul = ctx->page_size;
	} else if (!strcmp(unit, "%")) {
		if (!ctx->memory) {
			qerr_set(err, "'%s': a share of the memory cannot be used here", SHOW(s));
			QHINT(err, "write a size, like 64MiB");
			return -1;
		}
		*mul = ctx->memory;
		*div = 100;
	} else {
		return bad_unit(s, unit, size_units, "units are B kB KiB MB MiB GB GiB TB TiB pages %", "size", err);
	}
	return 0;
}

int quantity_size(const char *s, const struct qctx *ctx, uint64_t *ret, struct qerr *err)
{
	const char *unit;
	uint64_t mul, div;
	struct dec d;

	if (parse_dec(s, &d, &unit, SIZE_FORM, err) || size_unit(s, unit, ctx, &mul, &div, err))
		return -1;
	return finish(s, &d, mul, div, "one byte", ret, err);
}

int quantity_time(const char *s, sim_ns *ret, struct qerr *err)
{
	const struct unit *u;
	const char *unit;
	struct dec d;

	if (parse_dec(s, &d, &unit, TIME_FORM, err))
		return -1;
	u = unit_find(time_units, *unit ? unit : "s");
	if (!u)
		return bad_unit(s, unit, time_units, "units are ns us ms s min h d", "time", err);
	return finish(s, &d, u->mul, 1, "one nanosecond", ret, err);
}

/* Split "25MiB/s" into its number and the size unit as a ratio. */
static int rate_parts(const char *s, const struct qctx *ctx, struct dec *d, uint64_t *mul, uint64_t *div,
		      struct qerr *err)
{
	const char *unit;
	char name[16];
	size_t n;

	if (parse_dec(s, d, &unit, RATE_FORM, err))
		return -1;
	n = strlen(unit);
	if (n && (n < 3 || strcmp(unit + n - 2, "/s") || n - 2 >= sizeof(name))) {
		qerr_set(err, "'%s' is not a rate", SHOW(s));
		if (n >= 2 && n < sizeof(name) && unit_find(size_units, unit))
			QHINT(err, "did you mean '%s/s'?", SHOW(s));
		else
			QHINT(err, "write " RATE_FORM);
		return -1;
	}
	if (n)
		n -= 2;
	memcpy(name, unit, n);
	name[n] = 0;
	if (size_unit(s, name, ctx, mul, div, err))
		return -1;
	return check_sign(s, d, err);
}

int quantity_rate(const char *s, const struct qctx *ctx, uint64_t *ret, struct qerr *err)
{
	uint64_t mul, div;
	struct dec d;

	if (rate_parts(s, ctx, &d, &mul, &div, err))
		return -1;
	return finish(s, &d, mul, div, "one byte a second", ret, err);
}

/* Whole rates stay exact; slower than a byte a second is fine too (a leak of 1 kB an hour). */
int quantity_rate_real(const char *s, const struct qctx *ctx, double *ret, struct qerr *err)
{
	uint64_t mul, div;
	struct dec d;
	double v;

	if (rate_parts(s, ctx, &d, &mul, &div, err))
		return -1;
	v = dec_real(&d) * (double)mul / (double)div;
	if (v > 1e18)
		return too_large(s, err);
	*ret = v;
	return 0;
}

int quantity_pages_rate(const char *s, double *ret, struct qerr *err)
{
	const char *unit;
	struct dec d;

	if (parse_dec(s, &d, &unit, "pages a second, like 2000", err) || check_sign(s, &d, err))
		return -1;
	if (*unit && strcmp(unit, "pages/s") && strcmp(unit, "page/s")) {
		qerr_set(err, "'%s' is not a number of pages a second", SHOW(s));
		QHINT(err, "write 2000 or 2000pages/s");
		return -1;
	}
	if (dec_real(&d) > 1e15)
		return too_large(s, err);
	*ret = dec_real(&d);
	return 0;
}

int quantity_share(const char *s, double *ret, struct qerr *err)
{
	const char *unit;
	struct dec d;

	if (parse_dec(s, &d, &unit, "a share, like 20% or 0.2", err))
		return -1;
	if (!strcmp(unit, "%"))
		d.e -= 2;
	if ((*unit && strcmp(unit, "%")) || d.neg || dec_real(&d) > 1) {
		qerr_set(err, "'%s' is not a share between 0 and 1", SHOW(s));
		QHINT(err, "write 20%% or 0.2");
		return -1;
	}
	*ret = dec_real(&d);
	return 0;
}

int quantity_number(const char *s, double *ret, struct qerr *err)
{
	const char *unit;
	struct dec d;

	if (parse_dec(s, &d, &unit, "a plain number", err))
		return -1;
	if (*unit) {
		qerr_set(err, "'%s' is not a plain number", SHOW(s));
		QHINT(err, "leave '%s' out", SHOW(unit));
		return -1;
	}
	if (d.m && dec_real(&d) * (d.neg ? -1 : 1) > 1e18)
		return too_large(s, err);
	*ret = dec_real(&d);
	return 0;
}

/* A whole number, its sign apart. */
static int whole(const char *s, struct dec *d, uint64_t *v, struct qerr *err)
{
	const char *unit;
	int e;

	if (parse_dec(s, d, &unit, "a whole number", err))
		return -1;
	if (*unit) {
		qerr_set(err, "'%s' is not a whole number", SHOW(s));
		QHINT(err, "leave '%s' out", SHOW(unit));
		return -1;
	}
	for (e = d->e; e < 0 && d->m % 10 == 0; e++)
		d->m /= 10;
	d->e = e;
	if (e < 0) {
		qerr_set(err, "'%s' is not a whole number", SHOW(s));
		QHINT(err, "round it");
		return -1;
	}
	return dec_scale(d, 1, 1, v) ? 0 : too_large(s, err);
}

int quantity_u64(const char *s, uint64_t *ret, struct qerr *err)
{
	struct dec d;
	uint64_t v;

	if (whole(s, &d, &v, err) || check_sign(s, &d, err))
		return -1;
	*ret = v;
	return 0;
}

int quantity_i64(const char *s, int64_t *ret, struct qerr *err)
{
	struct dec d;
	uint64_t v;

	if (whole(s, &d, &v, err))
		return -1;
	if (v > (uint64_t)INT64_MAX)
		return too_large(s, err);
	*ret = d.neg ? -(int64_t)v : (int64_t)v;
	return 0;
}

bool quantity_has_unit(const char *s)
{
	struct qerr err;
	const char *unit;
	struct dec d;

	return parse_dec(s, &d, &unit, "", &err) || *unit;
}

const char *quantity_show_size(char *buf, size_t size, uint64_t v)
{
	static const struct unit binary[] = {
		{ "TiB", TIB }, { "GiB", GIB }, { "MiB", MIB }, { "KiB", KIB }, { "B", 1 }
	};
	size_t i = 0;

	while (v % binary[i].mul || (!v && binary[i].mul > 1))
		i++;
	snprintf(buf, size, "%llu%s", (unsigned long long)(v / binary[i].mul), binary[i].name);
	return buf;
}

const char *quantity_show_time(char *buf, size_t size, sim_ns t)
{
	size_t i = 6;

	while (t % time_units[i].mul || (!t && strcmp(time_units[i].name, "s")))
		i--;
	snprintf(buf, size, "%llu%s", (unsigned long long)(t / time_units[i].mul), time_units[i].name);
	return buf;
}
