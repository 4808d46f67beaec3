/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vm.* sysctls by the kernel's names; SYSCTL_MAP is the source of names, ranges and units. And /sys/kernel/mm/lru_gen. */
#include <stdlib.h>
#include <string.h>

#include "models/registry.h"
#include "sim/scenario/build.h"
#include "sim/scenario/didyoumean.h"

static const struct {
	const char *name; /* as a C identifier */
	int64_t min, max;
	const char *unit;
	size_t off;
} sysctls[] = {
#define X(name, def, min, max, unit, help) { #name, min, max, unit, offsetof(struct sysctl_cfg, name) },
	SYSCTL_MAP(X)
#undef X
};

/* The one name that the kernel spells with a dash. */
static void sysctl_name(unsigned i, char *buf, size_t size)
{
	snprintf(buf, size, "vm.%s", strcmp(sysctls[i].name, "page_cluster") ? sysctls[i].name : "page-cluster");
}

static void unknown_sysctl(struct build *b, const struct ynode *name)
{
	char names[ARRAY_LEN(sysctls)][48], word[80], hint[160];
	struct nearest near = { .word = word };
	unsigned i;

	snprintf(word, sizeof(word), "%s%.70s", strncmp(name->text, "vm.", 3) ? "vm." : "", name->text);
	for (i = 0; i < ARRAY_LEN(sysctls); i++) {
		sysctl_name(i, names[i], sizeof(names[i]));
		nearest_offer(&near, names[i]);
	}
	if (!nearest_hint(&near, hint, sizeof(hint)))
		snprintf(hint, sizeof(hint), "LANGUAGE.md lists those that matter here");
	B_ERR(b, name, hint, "unknown sysctl '%s'", SHOW(name->text));
}

/* The kernel chosen may allow less than the newest one. */
static int64_t largest(const struct build *b, unsigned i)
{
	if (sysctls[i].off == offsetof(struct sysctl_cfg, swappiness) && b->c->kernel && b->c->kernel->swappiness_max)
		return b->c->kernel->swappiness_max;
	return sysctls[i].max;
}

bool build_sysctl(struct build *b, const struct ynode *name, const struct ynode *v, unsigned *ret_index, int64_t *ret)
{
	int64_t value = INT64_MIN;
	char full[48], hint[96];
	struct key k = { .name = full };
	unsigned i;

	for (i = 0; i < ARRAY_LEN(sysctls); i++) {
		sysctl_name(i, full, sizeof(full));
		if (!strcmp(full, name->text))
			break;
	}
	if (i == ARRAY_LEN(sysctls)) {
		unknown_sysctl(b, name);
		return false;
	}
	k.min = sysctls[i].min;
	k.max = largest(b, i);
	snprintf(hint, sizeof(hint), "write a plain number; the unit is %s", sysctls[i].unit);
	if (v->kind == Y_SCALAR && !ynode_is_null(v) && v->text[0] >= '0' && v->text[0] <= '9' &&
	    quantity_has_unit(v->text))
		B_ERR(b, v, hint, "%s: '%s' is not a plain number", full, SHOW(v->text));
	else
		set_i64(b, v, &value, &k);
	*ret_index = i;
	*ret = value;
	return value != INT64_MIN;
}

/* Where one sysctl takes the place of another, giving both would silently drop one. */
static void check_pair(struct build *b, const struct ynode *n, const char *loser, const char *winner,
		       int64_t winner_value)
{
	const struct ynode *l = ynode_get(n, loser);
	char hint[128];

	snprintf(hint, sizeof(hint), "remove one of the two, or set %s to 0", winner);
	if (l && winner_value > 0 && ynode_get(n, winner))
		B_ERR(b, l, hint, "%s has no effect, since %s is given", loser, winner);
}

void build_sysctls(struct build *b, const struct ynode *n)
{
	struct sysctl_cfg *s = &b->c->sysctl;
	unsigned index;
	int64_t value;
	size_t i;

	if (!want_map(b, n, "sysctl"))
		return;
	for (i = 0; i < n->n; i++)
		if (!strcmp(n->item[i].key->text, "vm.drop_caches"))
			B_ERR(b, n->item[i].key, "write it in a step, sysctl", "vm.drop_caches has no effect at the start");
		else if (build_sysctl(b, n->item[i].key, n->item[i].val, &index, &value))
			*(int64_t *)((char *)s + sysctls[index].off) = value;
	check_pair(b, n, "vm.overcommit_ratio", "vm.overcommit_kbytes", s->overcommit_kbytes);
	check_pair(b, n, "vm.dirty_ratio", "vm.dirty_bytes", s->dirty_bytes);
	check_pair(b, n, "vm.dirty_background_ratio", "vm.dirty_background_bytes", s->dirty_background_bytes);
}

/* ---- lru_gen ---- */

/* What the file takes: y, n, or a mask as a number; true and false are YAML's way of saying the first two. */
static void set_lru_gen_enabled(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	static const char *const yes[] = { "true", "y", "Y" }, *const no[] = { "false", "n", "N" };
	unsigned long mask;
	char *end;
	size_t i;

	if (!want_scalar(b, v, "true, false or a mask like 0x7"))
		return;
	for (i = 0; i < ARRAY_LEN(yes); i++)
		if (!strcmp(v->text, yes[i]) || !strcmp(v->text, no[i])) {
			*(int64_t *)field = !strcmp(v->text, yes[i]) ? k->max : 0;
			return;
		}
	mask = strtoul(v->text, &end, 0);
	if (v->text[0] >= '0' && v->text[0] <= '9' && !*end && mask <= (unsigned long)k->max)
		*(int64_t *)field = (int64_t)mask;
	else
		B_ERR(b, v, "write true, false or a mask from 0x0 to 0x7", "lru_gen.enabled: '%s' is not known", SHOW(v->text));
}

void build_lru_gen(struct build *b, const struct ynode *n)
{
	static const struct key keys[] = {
		{ "enabled", set_lru_gen_enabled, offsetof(struct lru_gen_cfg, enabled), 0, 7, NULL, false },
		{ "min_ttl_ms", set_i64, offsetof(struct lru_gen_cfg, min_ttl_ms), 0, INT64_C(1) << 32, NULL, false },
	};

	build_map(b, n, "lru_gen", keys, ARRAY_LEN(keys), &b->c->lru_gen);
}
