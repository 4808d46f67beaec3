/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mappings by table, and the readers of plain values. */
#include "sim/scenario/build.h"

#include <stdlib.h>
#include <string.h>

#include "sim/scenario/didyoumean.h"

bool want_map(struct build *b, const struct ynode *v, const char *what)
{
	char hint[128];

	if (v->kind == Y_MAP)
		return true;
	snprintf(hint, sizeof(hint), "write 'key: value' pairs for %s", what);
	if (v->kind != Y_BAD)
		B_ERR(b, v, hint, "%s must be a mapping, not %s", what, ynode_kind_name(v));
	return false;
}

bool want_scalar(struct build *b, const struct ynode *v, const char *form)
{
	char hint[128];

	if (v->kind == Y_SCALAR && !ynode_is_null(v))
		return true;
	snprintf(hint, sizeof(hint), "write %s", form);
	if (v->kind != Y_BAD)
		B_ERR(b, v, hint, "a value is needed here, not %s", ynode_kind_name(v));
	return false;
}

void *build_array(struct build *b, const struct ynode *v, size_t size, const char *of, size_t *ret_n)
{
	char hint[128];
	void *p;

	*ret_n = 0;
	if (v->kind != Y_SEQ) {
		snprintf(hint, sizeof(hint), "write a list of %s, each line starting with '- '", of);
		if (v->kind != Y_BAD)
			B_ERR(b, v, hint, "a list of %s is needed here, not %s", of, ynode_kind_name(v));
		return NULL;
	}
	p = v->n ? calloc(v->n, size) : NULL;
	if (p)
		*ret_n = v->n;
	else if (v->n)
		b->t->nomem = true;
	return p;
}

static void list_keys(const struct key *keys, size_t nkeys, char *hint, size_t size)
{
	size_t i, len = (size_t)snprintf(hint, size, "keys are");

	while (nkeys && !keys[nkeys - 1].set)
		nkeys--;
	for (i = 0; i < nkeys && len < size - 40; i++)
		if (keys[i].set)
			len += (size_t)snprintf(hint + len, size - len, " %s", keys[i].name);
	if (i < nkeys)
		snprintf(hint + len, size - len, " ...");
}

/* Returns the bit of the key that was probably meant, or 0. */
static uint64_t unknown_key(struct build *b, const struct ynode *key, const char *what, const struct key *keys,
			    size_t nkeys)
{
	struct nearest near = { .word = key->text };
	size_t meant = nkeys;
	const char *best;
	char hint[256];

	for (size_t i = 0; i < nkeys; i++) {
		best = near.best;
		nearest_offer(&near, keys[i].name);
		meant = near.best != best ? i : meant;
	}
	if (meant < nkeys && !keys[meant].set)
		near.best = keys[meant].words;
	if (!nearest_hint(&near, hint, sizeof(hint)))
		list_keys(keys, nkeys, hint, sizeof(hint));
	B_ERR(b, key, hint, "unknown key '%s' in %s", SHOW(key->text), what);
	return meant < nkeys ? UINT64_C(1) << meant : 0;
}

uint64_t build_map(struct build *b, const struct ynode *n, const char *what, const struct key *keys, size_t nkeys,
		   void *obj)
{
	uint64_t seen = 0, meant = 0; /* a mistyped key is not missing as well */
	char hint[128];
	size_t i, k;

	if (!want_map(b, n, what))
		return 0;
	for (i = 0; i < n->n; i++) {
		for (k = 0; k < nkeys && (!keys[k].set || strcmp(keys[k].name, n->item[i].key->text)); k++)
			;
		if (k == nkeys) {
			meant |= unknown_key(b, n->item[i].key, what, keys, nkeys);
		} else if (!(seen & UINT64_C(1) << k)) { /* a duplicate was reported: the first one counts */
			seen |= UINT64_C(1) << k;
			keys[k].set(b, n->item[i].val, (char *)obj + keys[k].off, &keys[k]);
		}
	}
	for (k = 0; k < nkeys; k++) {
		snprintf(hint, sizeof(hint), "add '%s:'", keys[k].name);
		if (keys[k].required && !((seen | meant) & UINT64_C(1) << k))
			B_ERR(b, n, hint, "%s needs '%s'", what, keys[k].name);
	}
	return seen;
}

void set_nothing(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	(void)b, (void)v, (void)field, (void)k;
}

static void quantity_error(struct build *b, const struct ynode *v, const struct key *k, const struct qerr *e)
{
	B_ERR(b, v, e->hint[0] ? e->hint : NULL, "%s: %s", k->name, e->text);
}

/* lo and hi are the bounds as a user would write them. */
static void range_error(struct build *b, const struct ynode *v, const struct key *k, const char *lo, const char *hi)
{
	B_ERR(b, v, NULL, "%s must be between %s and %s, not %s", k->name, lo, hi, SHOW(v->text));
}

void set_bool(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	if (!want_scalar(b, v, "true or false"))
		return;
	if (!strcmp(v->text, "true"))
		*(bool *)field = true;
	else if (!strcmp(v->text, "false"))
		*(bool *)field = false;
	else
		B_ERR(b, v, "write true or false", "%s: '%s' is neither true nor false", k->name, SHOW(v->text));
}

static bool get_whole(struct build *b, const struct ynode *v, const struct key *k, int64_t *ret)
{
	char lo[32], hi[32];
	struct qerr e;
	int64_t i;

	if (!want_scalar(b, v, "a whole number"))
		return false;
	if (quantity_i64(v->text, &i, &e)) {
		quantity_error(b, v, k, &e);
		return false;
	}
	if (i < k->min || i > k->max) {
		snprintf(lo, sizeof(lo), "%lld", (long long)k->min);
		snprintf(hi, sizeof(hi), "%lld", (long long)k->max);
		range_error(b, v, k, lo, hi);
		return false;
	}
	*ret = i;
	return true;
}

void set_uint(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	int64_t i;

	if (get_whole(b, v, k, &i))
		*(unsigned *)field = (unsigned)i;
}

void set_int(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	int64_t i;

	if (get_whole(b, v, k, &i))
		*(int *)field = (int)i;
}

void set_u64(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	int64_t i;

	if (get_whole(b, v, k, &i))
		*(uint64_t *)field = (uint64_t)i;
}

void set_i64(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	int64_t i;

	if (get_whole(b, v, k, &i))
		*(int64_t *)field = i;
}

static bool get_size(struct build *b, const struct ynode *v, const struct key *k, uint64_t *ret)
{
	char lo[32], hi[32];
	struct qerr e;
	uint64_t u;

	if (!want_scalar(b, v, "a size, like 64MiB"))
		return false;
	if (quantity_size(v->text, &b->q, &u, &e)) {
		quantity_error(b, v, k, &e);
		return false;
	}
	if (u < (uint64_t)k->min || u > (uint64_t)k->max) {
		range_error(b, v, k, quantity_show_size(lo, sizeof(lo), (uint64_t)k->min),
			    quantity_show_size(hi, sizeof(hi), (uint64_t)k->max));
		return false;
	}
	*ret = u;
	return true;
}

void set_size(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	get_size(b, v, k, field);
}

void set_pages(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	uint64_t u;

	if (get_size(b, v, k, &u))
		*(uint64_t *)field = u / b->q.page_size + (u % b->q.page_size != 0);
}

/* "12" could mean pages or, as for all sizes, bytes: the unit must be written. */
void set_batch(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	if (v->kind == Y_SCALAR && !ynode_is_null(v) && !quantity_has_unit(v->text))
		B_ERR(b, v, "write 12pages or 48KiB", "%s: '%s' has no unit", k->name, SHOW(v->text));
	else
		set_pages(b, v, field, k);
}

void set_time(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	char lo[32], hi[32];
	struct qerr e;
	sim_ns t;

	if (!want_scalar(b, v, "a time, like 20ms"))
		return;
	if (quantity_time(v->text, &t, &e)) {
		quantity_error(b, v, k, &e);
		return;
	}
	if (t < (uint64_t)k->min || t > (uint64_t)k->max)
		range_error(b, v, k, quantity_show_time(lo, sizeof(lo), (sim_ns)k->min),
			    quantity_show_time(hi, sizeof(hi), (sim_ns)k->max));
	else
		*(sim_ns *)field = t;
}

void set_rate(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct qerr e;

	if (want_scalar(b, v, "a rate, like 25MiB/s") && quantity_rate_real(v->text, &b->q, field, &e))
		quantity_error(b, v, k, &e);
}

void set_pages_rate(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct qerr e;

	if (want_scalar(b, v, "pages a second, like 2000") && quantity_pages_rate(v->text, field, &e))
		quantity_error(b, v, k, &e);
}

void set_bandwidth(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct qctx q = { .page_size = b->q.page_size }; /* a share of the memory makes no sense here */
	struct qerr e;

	if (want_scalar(b, v, "a rate, like 400MB/s") && quantity_rate(v->text, &q, field, &e))
		quantity_error(b, v, k, &e);
}

void set_share(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct qerr e;

	if (want_scalar(b, v, "a share, like 20% or 0.2") && quantity_share(v->text, field, &e))
		quantity_error(b, v, k, &e);
}

void set_number(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	char lo[32], hi[32];
	struct qerr e;
	double x;

	if (!want_scalar(b, v, "a number"))
		return;
	if (quantity_number(v->text, &x, &e)) {
		quantity_error(b, v, k, &e);
		return;
	}
	if (x * 1000 >= (double)k->min && x * 1000 <= (double)k->max) {
		*(double *)field = x;
		return;
	}
	snprintf(lo, sizeof(lo), k->min % 1000 ? "%lld.%03lld" : "%lld", (long long)k->min / 1000,
		 (long long)k->min % 1000);
	snprintf(hi, sizeof(hi), "%lld", (long long)k->max / 1000);
	range_error(b, v, k, lo, hi);
}

/* Is word the n bytes at p? */
static bool is_word(const char *word, const char *p, size_t n)
{
	return strlen(word) == n && !strncmp(word, p, n);
}

void set_choice(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	char words[8][32], hint[160];
	struct nearest near = { 0 };
	const char *p = k->words;
	int i;

	if (!want_scalar(b, v, k->words))
		return;
	near.word = v->text;
	for (i = 0; *p; i++) {
		size_t n = strcspn(p, "|");

		if (is_word(v->text, p, n)) {
			*(int *)field = i;
			return;
		}
		snprintf(words[i], sizeof(words[i]), "%.*s", (int)n, p);
		nearest_offer(&near, words[i]);
		p += n + (p[n] == '|');
	}
	if (!nearest_hint(&near, hint, sizeof(hint)))
		snprintf(hint, sizeof(hint), "choose one of %s", k->words);
	B_ERR(b, v, hint, "%s: '%s' is not known", k->name, SHOW(v->text));
}

/* Texts end in kernel logs and file names: no control characters. */
void set_text(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	size_t len, i;
	char hint[64];

	if (!want_scalar(b, v, "some text"))
		return;
	len = strlen(v->text);
	snprintf(hint, sizeof(hint), "shorten it to %lld bytes", (long long)k->max);
	if (len > (size_t)k->max) {
		B_ERR(b, v, hint, "%s: '%s' is %zu bytes long", k->name, SHOW(v->text), len);
		return;
	}
	if (len < (size_t)k->min) {
		B_ERR(b, v, "write a name", "%s is empty", k->name);
		return;
	}
	for (i = 0; i < len; i++) {
		if ((unsigned char)v->text[i] < 0x20 || v->text[i] == 0x7f) {
			B_ERR(b, v, "take it out", "%s: '%s' holds a control character", k->name, SHOW(v->text));
			return;
		}
	}
	memcpy(field, v->text, len + 1);
}
