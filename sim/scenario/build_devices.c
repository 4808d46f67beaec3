/* SPDX-License-Identifier: GPL-3.0-or-later */
/* machine.swap, machine.disks and machine.files. */
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/build.h"
#include "sim/scenario/didyoumean.h"

#define D(field)      offsetof(struct blkdev_cfg, field)
#define MAX_SWAPFILES 23 /* 32 less the types the kernel keeps for migration, poison and device memory */
#define MAX_DISKS     256
#define MAX_FILES     4096 /* few enough to compare all names with each other */
#define LATENCY_MAX   ((int64_t)3600 * 1000000000)

static void set_max_request(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	uint64_t size = 4096;

	set_size(b, v, &size, k);
	if (size % 1024)
		B_ERR(b, v, "write a multiple of 1KiB", "%s: requests are counted in KiB", k->name);
	*(unsigned *)field = (unsigned)(size / 1024);
}

static const struct key device_keys[] = {
	{ "read_latency", set_time, D(read_latency), 0, LATENCY_MAX, NULL, false },
	{ "write_latency", set_time, D(write_latency), 0, LATENCY_MAX, NULL, false },
	{ "read_bandwidth", set_bandwidth, D(read_bandwidth), 0, 0, NULL, false },
	{ "write_bandwidth", set_bandwidth, D(write_bandwidth), 0, 0, NULL, false },
	{ "queue_depth", set_uint, D(queue_depth), 1, 65536, NULL, false },
	{ "nr_requests", set_uint, D(nr_requests), 0, 65536, NULL, false },
	{ "max_request", set_max_request, D(max_sectors_kb), 4096, 64 << 20, NULL, false },
	{ "seek", set_time, D(seek), 0, LATENCY_MAX, NULL, false },
	{ "throttle_tick", set_time, D(throttle_tick), 0, 1000000000, NULL, false },
	{ "rotational", set_bool, D(rotational), 0, 0, NULL, false },
	{ "preset", set_nothing, 0, 0, 0, NULL, false },
};

/* What a device is that only has its latencies given: no seeks, no limit on bytes, the block layer's usual queue. */
static void device_init(struct blkdev_cfg *d)
{
	d->read_latency = d->write_latency = 100 * NS_PER_US;
	d->queue_depth = 64;
	d->nr_requests = 128;
	d->max_sectors_kb = 1280;
}

static void set_device(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct blkdev_cfg *d = field;
	const struct ynode *m = v;

	(void)k;
	if (v->kind == Y_MAP || (v->kind == Y_SCALAR && !ynode_is_null(v)))
		m = preset_resolve(b->t, b->dl, &b->presets, "devices", v, true);
	if (!m)
		return;
	if (build_map(b, m, "device", device_keys, ARRAY_LEN(device_keys), d) && d->throttle_tick &&
	    !d->read_bandwidth && !d->write_bandwidth)
		B_ERR(b, m, "give read_bandwidth or write_bandwidth, or leave throttle_tick out",
		      "throttle_tick has no effect without a bandwidth");
}

static const struct key swap_keys[] = {
	{ "size", set_size, offsetof(struct swap_cfg, size), 40960, (int64_t)64 << 40, NULL, true },
	{ "priority", set_i64, offsetof(struct swap_cfg, priority), -1000, 32767, NULL, false },
	{ "device", set_device, offsetof(struct swap_cfg, dev), 0, 0, NULL, true },
	{ "zram", set_zram, 0, 0, 0, NULL, false },
	{ "name", set_text, offsetof(struct swap_cfg, dev.name), 1, SIM_NAME_LEN - 1, NULL, false },
};

/* A swap area in compressed memory has its size there, and no device. */
static const struct key zram_swap_keys[] = {
	{ "zram", set_zram, 0, 0, 0, NULL, true },
	{ "priority", set_i64, offsetof(struct swap_cfg, priority), -1000, 32767, NULL, false },
	{ "name", set_text, offsetof(struct swap_cfg, dev.name), 1, SIM_NAME_LEN - 1, NULL, false },
};

static void build_swap_area(struct build *b, const struct ynode *n, struct swap_cfg *s)
{
	if (ynode_get(n, "zram"))
		build_map(b, n, "a swap area in zram", zram_swap_keys, ARRAY_LEN(zram_swap_keys), s);
	else
		build_map(b, n, "a swap area", swap_keys, ARRAY_LEN(swap_keys), s);
}

void build_swap(struct build *b, const struct ynode *v)
{
	struct machine_cfg *m = &b->c->machine;
	uint64_t pages = 0;
	size_t i;

	m->swap = build_array(b, v, sizeof(*m->swap), "swap areas", &m->nswap);
	for (i = 0; i < m->nswap; i++) {
		struct swap_cfg *s = &m->swap[i];

		s->priority = SIM_AUTO;
		device_init(&s->dev);
		snprintf(s->dev.name, sizeof(s->dev.name), "swap%zu", i);
		build_swap_area(b, v->item[i].val, s);
		if (s->size && s->size / m->page_size < 10)
			B_ERR(b, v->item[i].val, "mkswap needs 10 pages", "a swap area of less than 10 pages");
		pages += s->size / m->page_size;
	}
	if (m->nswap > MAX_SWAPFILES)
		B_ERR(b, v, "use fewer and larger ones", "more than %d swap areas", MAX_SWAPFILES);
	if (pages > MAX_PAGES)
		B_ERR(b, v, "choose a larger page_size, such as 64KiB", "swap: more than 2^31 pages");
}

static const struct key disk_keys[] = {
	{ "name", set_text, D(name), 1, SIM_NAME_LEN - 1, NULL, true },
	{ "device", set_device, 0, 0, 0, NULL, true },
};

/* Names must differ within a list; the second of two is the wrong one. */
static void check_name(struct build *b, const struct ynode *item, const char *name, const char *what, bool taken)
{
	const struct ynode *at = ynode_get(item, "name");

	if (taken && at)
		B_ERR(b, at, "choose another name", "two %s are named '%s'", what, SHOW(name));
}

static bool list_fits(struct build *b, const struct ynode *v, size_t max, const char *what)
{
	if (v->kind != Y_SEQ || v->n <= max)
		return true;
	B_ERR(b, v, "use fewer", "more than %zu %s", max, what);
	return false;
}

void build_disks(struct build *b, const struct ynode *v)
{
	struct machine_cfg *m = &b->c->machine;
	bool taken;
	size_t i, j;

	if (!list_fits(b, v, MAX_DISKS, "disks"))
		return;
	m->disk = build_array(b, v, sizeof(*m->disk), "disks", &m->ndisk);
	for (i = 0; i < m->ndisk; i++) {
		device_init(&m->disk[i]);
		build_map(b, v->item[i].val, "a disk", disk_keys, ARRAY_LEN(disk_keys), &m->disk[i]);
		for (taken = false, j = 0; j < i; j++)
			taken |= m->disk[i].name[0] && !strcmp(m->disk[i].name, m->disk[j].name);
		check_name(b, v->item[i].val, m->disk[i].name, "disks", taken);
	}
}

static void set_disk_index(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	const struct machine_cfg *m = &b->c->machine;
	struct nearest near = { 0 };
	char hint[160];
	size_t i;

	(void)k;
	if (!want_scalar(b, v, "the name of a disk"))
		return;
	near.word = v->text;
	for (i = 0; i < m->ndisk; i++) {
		nearest_offer(&near, m->disk[i].name);
		if (!strcmp(m->disk[i].name, v->text)) {
			*(uint32_t *)field = (uint32_t)i;
			return;
		}
	}
	B_ERR(b, v, nearest_hint(&near, hint, sizeof(hint)) ? hint : "add it to machine.disks", "no disk '%s'",
	      SHOW(v->text));
}

static const struct key file_keys[] = {
	{ "name", set_text, offsetof(struct file_cfg, name), 1, SIM_NAME_LEN - 1, NULL, true },
	{ "disk", set_disk_index, offsetof(struct file_cfg, disk), 0, 0, NULL, false },
	{ "size", set_size, offsetof(struct file_cfg, size), 1, (int64_t)64 << 40, NULL, true },
};

void build_files(struct build *b, const struct ynode *v)
{
	struct machine_cfg *m = &b->c->machine;
	uint64_t pages = 0;
	bool taken;
	size_t i, j;

	if (!list_fits(b, v, MAX_FILES, "files"))
		return;
	m->file = build_array(b, v, sizeof(*m->file), "files", &m->nfile);
	for (i = 0; i < m->nfile; i++) {
		const struct ynode *item = v->item[i].val;

		build_map(b, item, "a file", file_keys, ARRAY_LEN(file_keys), &m->file[i]);
		if (item->kind == Y_MAP && !ynode_get(item, "disk") && m->ndisk != 1)
			B_ERR(b, item, "add 'disk:'; it may be left out only if there is one disk",
			      "a file needs a disk");
		for (taken = false, j = 0; j < i; j++)
			taken |= m->file[i].name[0] && !strcmp(m->file[i].name, m->file[j].name);
		check_name(b, item, m->file[i].name, "files", taken);
		pages += m->file[i].size / m->page_size + 1;
	}
	if (pages > MAX_PAGES)
		B_ERR(b, v, "make them smaller, or choose a larger page_size", "files: more than 2^31 pages");
}
