/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Swap in compressed memory, and what there is to compress. */
#include "sim/scenario/build.h"
#include "sim/world/model.h"

#define S(field) offsetof(struct swap_cfg, field)
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
