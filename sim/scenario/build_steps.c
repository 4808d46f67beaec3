/* SPDX-License-Identifier: GPL-3.0-or-later */
/* workload: the steps of a program, one table of keys a step. STEP_MAP gives their names. */
#include "sim/scenario/build_steps.h"

#include <stdlib.h>
#include <string.h>

#include "sim/scenario/didyoumean.h"

#define S(field) offsetof(struct step_cfg, field)
#define REGION(required)                                                                                               \
	{                                                                                                              \
		"region", set_text, S(region), 1, SIM_NAME_LEN - 1, NULL, required                                     \
	}

static void set_file(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	const struct machine_cfg *m = &b->c->machine;
	struct nearest near = { 0 };
	char hint[160];
	size_t i;

	(void)k;
	if (!want_scalar(b, v, "the name of a file"))
		return;
	near.word = v->text;
	for (i = 0; i < m->nfile; i++) {
		nearest_offer(&near, m->file[i].name);
		if (!strcmp(m->file[i].name, v->text)) {
			*(uint32_t *)field = (uint32_t)i;
			return;
		}
	}
	B_ERR(b, v, nearest_hint(&near, hint, sizeof(hint)) ? hint : "add it to machine.files", "no file '%s'",
	      SHOW(v->text));
}

static void set_advice(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	int advice = 0;

	set_choice(b, v, &advice, k);
	*(bool *)field = advice;
}

/* update is a load and a store of the same page, like x++: a missing page is read first, then made writable. */
static void set_op(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct step_cfg *s = field;
	int op = 0;

	set_choice(b, v, &op, k);
	s->write = op > 0;
	s->read_first = op > 1;
}

static void set_program(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	(void)k;
	build_program(b, v, field);
}

static const struct key mmap_keys[] = {
	REGION(true),
	{ "size", set_size, S(size), 1, MAX_BYTES, NULL, false },
	{ "kind", set_choice, S(kind), 0, 0, "anon|file|shmem", false },
	{ "file", set_file, S(file), 0, 0, NULL, false },
	{ "offset", set_size, S(offset), 0, MAX_BYTES, NULL, false },
	{ "shared", set_bool, S(shared), 0, 0, NULL, false },
	{ "noreserve", set_bool, S(noreserve), 0, 0, NULL, false },
	{ "readonly", set_bool, S(readonly), 0, 0, NULL, false },
	{ "exec", set_bool, S(exec), 0, 0, NULL, false },
	{ "count", set_u64, S(count), 1, 65530, NULL, false }, /* vm.max_map_count */
};

static const struct key leak_keys[] = {
	REGION(true),
	{ "size", set_size, S(size), 0, MAX_BYTES, NULL, false },
	{ "rate", set_rate, S(rate), 0, 0, NULL, false },
	{ "map_step", set_size, S(map_step), 4096, (int64_t)1 << 40, NULL, false },
	{ "batch", set_batch, S(batch), 1, (int64_t)1 << 40, NULL, false },
	{ "catch_up", set_time, S(catch_up), 0, MAX_TIME, NULL, false },
};

/* What touch, read and write have in common. */
/* clang-format off */
#define ACCESS_KEYS                                                                                             \
	{ "size", set_size, S(size), 1, MAX_BYTES, NULL, false },                                               \
	{ "offset", set_size, S(offset), 0, MAX_BYTES, NULL, false },                                           \
	{ "pattern", set_choice, S(pattern), 0, 0, "sequential|uniform|zipf|hotcold", false },                  \
	{ "s", set_number, S(zipf_s), 10, 10000, NULL, false },                                                 \
	{ "hot", set_share, S(hot_fraction), 0, 0, NULL, false },                                               \
	{ "hot_weight", set_share, S(hot_weight), 0, 0, NULL, false },                                          \
	{ "batch", set_batch, S(batch), 1, (int64_t)1 << 40, NULL, false },                                     \
	{ "catch_up", set_time, S(catch_up), 0, MAX_TIME, NULL, false },                                        \
	{ "duration", set_time, S(duration), 1, MAX_TIME, NULL, false },                                        \
	{ "accesses", set_u64, S(accesses), 1, INT64_MAX, NULL, false },                                        \
	{ "think", set_random, S(think), 0, MAX_TIME, NULL, false }
/* clang-format on */

static const struct key touch_keys[] = {
	REGION(true),
	ACCESS_KEYS,
	{ "rate", set_pages_rate, S(rate), 0, 0, NULL, false },
	{ "op", set_op, 0, 0, 0, "read|write|update", false },
};

static const struct key io_keys[] = {
	{ "file", set_file, S(file), 0, 0, NULL, true },
	ACCESS_KEYS,
	{ "rate", set_rate, S(rate), 0, 0, NULL, false },
	{ "io_size", set_size, S(io_size), 1, 1 << 30, NULL, false },
};

static const struct key mlock_keys[] = { REGION(true) };

static const struct key munmap_keys[] = {
	REGION(true),
	{ "size", set_size, S(size), 1, MAX_BYTES, NULL, false },
};

static const struct key madvise_keys[] = {
	REGION(true),
	{ "advice", set_advice, S(madv_free), 0, 0, "dontneed|free", true },
	{ "size", set_size, S(size), 1, MAX_BYTES, NULL, false },
};

static const struct key fork_keys[] = {
	{ "count", set_u64, S(count), 1, MAX_PROCESSES, NULL, false },
	{ "gap", set_random, S(time), 0, MAX_TIME, NULL, false },
	{ "steps", set_program, S(body), 0, 0, NULL, true },
	{ "comm", set_text, S(child_comm), 1, SIM_COMM_LEN - 1, NULL, false },
};

static const struct key child_keys[] = {
	{ "steps", set_program, S(body), 0, 0, NULL, true },
	{ "comm", set_text, S(child_comm), 1, SIM_COMM_LEN - 1, NULL, false },
};

static const struct key loop_keys[] = {
	{ "count", set_u64, S(count), 1, INT64_MAX, NULL, false },
	{ "steps", set_program, S(body), 0, 0, NULL, true },
};

/* A key that means something only together with another one. */
static void needs(struct build *b, const struct ynode *v, const char *key, bool ok, const char *hint)
{
	const struct ynode *at = ynode_get(v, key);

	if (at && !ok)
		B_ERR(b, at, hint, "%s has no effect here", key);
}

static uint64_t file_size(const struct build *b, const struct step_cfg *s)
{
	return s->file < b->c->machine.nfile ? b->c->machine.file[s->file].size : 0;
}

/* The part [offset, offset + size) must lie in the file; size 0 is the rest of it. */
static void check_part(struct build *b, const struct ynode *v, const struct step_cfg *s, uint64_t have)
{
	char size[32];
	uint64_t end;

	quantity_show_size(size, sizeof(size), have);
	if (s->offset >= have)
		B_ERR(b, ynode_get(v, "offset"), "start inside the file", "offset: the file has only %s", size);
	else if (u64_add(s->offset, s->size, &end) && end > have)
		B_ERR(b, ynode_get(v, s->offset ? "offset" : "size"), "use less, or make the file larger",
		      "%s: the part ends beyond the file's %s", s->offset ? "offset" : "size", size);
}

static void check_mmap_file(struct build *b, const struct ynode *v, struct step_cfg *s)
{
	const struct ynode *file = ynode_get(v, "file");
	uint64_t have = file_size(b, s);

	if (!file)
		B_ERR(b, v, "add 'file:'", "mmap with kind: file needs a file");
	if (s->offset % b->c->machine.page_size)
		B_ERR(b, ynode_get(v, "offset"), "mappings start at a multiple of the page size",
		      "offset is not a whole page");
	if (!file || !have)
		return;
	check_part(b, v, s, have);
	if (!s->size)
		s->size = u64_sub0(have, s->offset);
}

static void check_mmap(struct build *b, const struct ynode *v, struct step_cfg *s)
{
	bool of_file = s->kind == REGION_FILE;
	uint64_t all;

	needs(b, v, "file", of_file, "add 'kind: file'");
	needs(b, v, "offset", of_file, "only mappings of files have an offset");
	needs(b, v, "exec", of_file, "program text is a mapping with 'kind: file'");
	if (of_file)
		check_mmap_file(b, v, s);
	else if (!ynode_get(v, "size"))
		B_ERR(b, v, "add 'size:'", "mmap needs 'size'");
	if (s->kind == REGION_ANON && s->shared)
		B_ERR(b, ynode_get(v, "shared"), "write 'kind: shmem'", "shared anonymous memory is shmem");
	if (s->kind == REGION_SHMEM && ynode_get(v, "shared") && !s->shared)
		B_ERR(b, ynode_get(v, "shared"), "leave it out", "shmem is always shared");
	if (s->kind == REGION_SHMEM)
		s->shared = true;
	if (!s->count)
		s->count = 1;
	if (!u64_mul(s->size, s->count, &all) || all > (uint64_t)MAX_BYTES)
		B_ERR(b, v, "use a smaller size or count", "mmap: more than the 128TiB of an address space");
}

/* Defaults that hold only for paced steps. */
static void check_pacing(struct build *b, const struct ynode *v, struct step_cfg *s)
{
	needs(b, v, "catch_up", s->rate > 0, "add 'rate:'");
	if (!ynode_get(v, "catch_up"))
		s->catch_up = 10 * NS_PER_MS;
}

static void check_leak(struct build *b, const struct ynode *v, struct step_cfg *s)
{
	check_pacing(b, v, s);
	if (s->map_step % b->c->machine.page_size)
		B_ERR(b, ynode_get(v, "map_step"), "write a multiple of the page size",
		      "map_step is not a whole number of pages");
}

static void check_pattern(struct build *b, const struct ynode *v, struct step_cfg *s)
{
	bool zipf = s->pattern == PATTERN_ZIPF, hotcold = s->pattern == PATTERN_HOTCOLD;
	const struct ynode *at;

	check_pacing(b, v, s);
	needs(b, v, "s", zipf, "add 'pattern: zipf'");
	needs(b, v, "hot", hotcold, "add 'pattern: hotcold'");
	needs(b, v, "hot_weight", hotcold, "add 'pattern: hotcold'");
	if (zipf && !ynode_get(v, "s"))
		s->zipf_s = 1.1;
	if (!hotcold)
		return;
	at = ynode_get(v, "hot");
	if (!at)
		s->hot_fraction = 0.2;
	else if (s->hot_fraction <= 0 || s->hot_fraction >= 1)
		B_ERR(b, at, "0% and 100% are 'pattern: uniform'", "hot must lie between 0%% and 100%%");
	at = ynode_get(v, "hot_weight");
	if (!at)
		s->hot_weight = 0.9;
	else if (s->hot_weight <= 0)
		B_ERR(b, at, "write a share above 0%", "hot_weight must not be 0");
}

static void check_io(struct build *b, const struct ynode *v, struct step_cfg *s)
{
	check_pattern(b, v, s);
	if (ynode_get(v, "file") && file_size(b, s))
		check_part(b, v, s, file_size(b, s));
}

static void check_fork(struct build *b, const struct ynode *v, struct step_cfg *s)
{
	if (!s->count)
		s->count = 1;
	needs(b, v, "gap", s->count > 1, "a gap lies between children: add 'count:'");
}

#define KEYS(k) .keys = k, .nkeys = ARRAY_LEN(k)

const struct step_keys step_keys[STEP_OP_COUNT] = {
	[STEP_MMAP] = { KEYS(mmap_keys), .check = check_mmap },
	[STEP_GROW] = { KEYS(leak_keys), .check = check_leak },
	[STEP_TOUCH] = { KEYS(touch_keys), .check = check_pattern },
	[STEP_READ] = { KEYS(io_keys), .check = check_io },
	[STEP_WRITE] = { KEYS(io_keys), .check = check_io },
	[STEP_MLOCK] = { KEYS(mlock_keys) },
	[STEP_MUNLOCK] = { KEYS(mlock_keys) },
	[STEP_MUNMAP] = { KEYS(munmap_keys) },
	[STEP_MADVISE] = { KEYS(madvise_keys) },
	[STEP_FORK] = { KEYS(fork_keys), .check = check_fork },
	[STEP_VFORK] = { KEYS(child_keys) },
	[STEP_CLONE_VM] = { KEYS(child_keys) },
	[STEP_LOOP] = { KEYS(loop_keys) },
	[STEP_CGROUP_WRITE] = { KEYS(cgroup_write_keys), .check = check_cgroup_write },
	[STEP_CGROUP_RMDIR] = { KEYS(cgroup_rmdir_keys), .check = check_cgroup_rmdir },
	[STEP_CGROUP_WAIT] = { KEYS(cgroup_wait_keys), .check = check_cgroup_wait },
	[STEP_KILL] = { KEYS(kill_keys) },
};
