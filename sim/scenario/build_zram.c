/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Swap in compressed memory, and what there is to compress. */
#include "sim/scenario/build.h"
#include "sim/world/model.h"

#define S(field) offsetof(struct swap_cfg, field)
#define Z(field) offsetof(struct zswap_cfg, field)
#define C(field) offsetof(struct contents_cfg, field)

static const struct key zram_keys[] = {
	{ "disksize", set_size, S(size), 40960, (int64_t)64 << 40, NULL, true },
	{ "comp_algorithm", set_choice, S(zram.comp_algorithm), 0, 0, "lzo|lzo-rle|lz4|zstd", false },
	{ "mem_limit", set_size, S(zram.mem_limit), 1, (int64_t)64 << 40, NULL, false },
};

void set_zram(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct swap_cfg *s = field;

	(void)k;
	s->zram.on = true;
	s->zram.comp_algorithm = COMP_LZO_RLE;
	if (b->c->kernel && !b->c->kernel->zs_chain_size)
		B_ERR(b, v, "choose a kernel from 3.14 on, or a disk", "zram: Linux has it since 3.14, %s is older",
		      b->c->kernel->info.name);
	build_map(b, v, "zram", zram_keys, ARRAY_LEN(zram_keys), s);
}

static const struct key zswap_keys[] = {
	{ "enabled", set_bool, Z(enabled), 0, 0, NULL, false },
	{ "compressor", set_choice, Z(compressor), 0, 0, "lzo|lzo-rle|lz4|zstd", false },
	{ "zpool", set_choice, Z(zpool), 0, 0, "zbud|zsmalloc", false },
	{ "max_pool_percent", set_uint, Z(max_pool_percent), 1, 100, NULL, false },
	{ "accept_threshold_percent", set_uint, Z(accept_threshold_percent), 0, 100, NULL, false },
};

void set_zswap(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct zswap_cfg *z = field;

	(void)k;
	z->enabled = true;
	build_map(b, v, "zswap", zswap_keys, ARRAY_LEN(zswap_keys), z);
	if (!z->enabled || !b->c->kernel)
		return;
	if (b->c->kernel->zswap == ZSWAP_NONE)
		B_ERR(b, v, "choose a kernel from 3.11 on, or leave it out", "zswap: Linux has it since 3.11, %s is older",
		      b->c->kernel->info.name);
	if (b->c->kernel->zswap == ZSWAP_ZSMALLOC_ONLY && z->zpool == ZPOOL_ZBUD)
		B_ERR(b, ynode_get(v, "zpool"), "leave it out", "zpool: Linux has no zbud since 6.15");
	if (!b->c->kernel->zs_chain_size && z->zpool == ZPOOL_ZSMALLOC)
		B_ERR(b, ynode_get(v, "zpool"), "choose zbud", "zpool: Linux has zsmalloc since 3.14, %s is older",
		      b->c->kernel->info.name);
}

/* zswap keeps pages that have slots on disks. */
void check_zswap(struct build *b, const struct ynode *n)
{
	const struct machine_cfg *m = &b->c->machine;
	size_t i;

	for (i = 0; i < m->nswap && m->swap[i].zram.on; i++)
		;
	if (m->zswap.enabled && i == m->nswap)
		B_ERR(b, n, "add 'swap:' with a device", "zswap has no effect without swap on a disk: each page in it keeps its slot there");
}

static const struct key contents_keys[] = {
	{ "compressed", set_random_share, C(compressed), 0, 0, NULL, false },
	{ "same_filled", set_share, C(same_filled), 0, 0, NULL, false },
};

void set_contents(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	(void)k;
	build_map(b, v, "contents", contents_keys, ARRAY_LEN(contents_keys), field);
}

void build_contents(struct build *b, const struct ynode *n)
{
	b->c->contents.compressed.p[0] = (double)(b->c->machine.page_size / 3);
	if (n)
		set_contents(b, n, &b->c->contents, NULL);
}
