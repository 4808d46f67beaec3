/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/rules.h"

#include <string.h>

#include "models/registry.h"
#include "models/badness/badness.h"
#include "sim/world/config.h"

static const char *const order[] = { "k2.6.11", "k2.6.24", "k2.6.32", "k2.6.36", "k3.10", "k3.18", "k4.9",
				     "k4.14",	"k4.19",   "k5.4",    "k5.10",	 "k6.1",  "k6.12", "k7.3" };

int rules_index(const char *model)
{
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		if (!strcmp(order[i], model))
			return (int)i;
	return ARRAY_LEN(order);
}

/* ADAPTERS: stand-ins until models/badness has these; see rules_of(). */
static const char *never(const struct badness_in *in)
{
	return in->oom_score_adj == -1000 ? "oom_score_adj is -1000" : in->oom_skip ? "already reaped" : NULL;
}

static int64_t size(const struct badness_in *in)
{
	return (int64_t)(in->rss + in->swapents + in->pgtables_bytes / 4096);
}

static int64_t floor1(int64_t v)
{
	return v > 0 ? v : 1;
}

static int64_t permille(const struct badness_in *in, uint64_t total)
{
	int64_t p = size(in) * 1000 / (int64_t)u64_max(total, 1);

	if (in->capabilities & CAP_SYS_ADMIN_BIT)
		p -= 30;
	p = floor1(p + in->oom_score_adj);
	return never(in) ? BADNESS_NEVER : p > 1000 ? 1000 : p;
}

static int64_t minus30(const struct badness_in *in, uint64_t total)
{
	int64_t adj = in->oom_score_adj - (in->capabilities & CAP_SYS_ADMIN_BIT ? 30 : 0);

	return never(in) ? BADNESS_NEVER : floor1(size(in) + adj * (int64_t)(total / 1000));
}

static int64_t pct3(const struct badness_in *in, uint64_t total)
{
	int64_t p = size(in);

	if (in->capabilities & CAP_SYS_ADMIN_BIT)
		p -= p * 3 / 100;
	return never(in) ? BADNESS_NEVER : floor1(p + in->oom_score_adj * (int64_t)(total / 1000));
}

static int64_t floored(const struct badness_in *in, uint64_t total)
{
	return never(in) ? BADNESS_NEVER : floor1(size(in) + in->oom_score_adj * (int64_t)(total / 1000));
}

#define RULE(id, text) static const struct badness_ops id##_ops = { .info = { .name = #id, .summary = text }, .points = id, .why_never = never }
RULE(permille, "thousandths of RAM and swap, root -30");
RULE(minus30, "resident + swapped + page-table pages, plus oom_score_adj thousandths, root's adj -30, at least 1");
RULE(pct3, "resident + swapped + page-table pages, root -3 %, plus oom_score_adj thousandths, at least 1");
RULE(floored, "resident + swapped + page-table pages, plus oom_score_adj thousandths of RAM and swap, at least 1");

const struct badness_ops *rules_of(const char *model)
{
	const struct kernel_model *km = kernel_model_find(model);
	int i = rules_index(model);

	if (km)
		return km->badness;
	if (i <= rules_index("k2.6.36"))
		return &permille_ops;
	if (i == rules_index("k3.10"))
		return &minus30_ops;
	if (i < rules_index("k4.19"))
		return &pct3_ops;
	return i < rules_index("k5.10") ? &floored_ops : &badness_v5_10;
}
