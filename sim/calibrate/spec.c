/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/spec.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/guest/facts.h"

struct recording_facts {
	const json_t *facts;
	struct spec_units units;
	struct guest_zoneinfo zoneinfo;
};

static const char *const zone_name[MAX_ZONES] = { "DMA", "DMA32", "Normal" };

static enum spec_result because(char why[SPEC_WHY], enum spec_result r, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(why, SPEC_WHY, format, ap);
	va_end(ap);
	return r;
}

static const char *fact(const struct recording_facts *r, const char *path)
{
	const char *s = json_string_value(json_object_get(r->facts, path));

	return s ? s : "";
}

/* MemAvailable just before the start: in the first event, "t0 avail_kb=199984 total_kb=223636". */
static bool read_avail(const char *dir, double *ret_kB)
{
	char path[4096], line[512];
	const char *at;
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/events.tsv", dir);
	f = fopen(path, "r");
	while (f && !found && fgets(line, sizeof(line), f)) {
		at = strstr(line, "t0 avail_kb=");
		found = at && sscanf(at, "t0 avail_kb=%lf", ret_kB) == 1;
	}
	if (f)
		fclose(f);
	return found;
}

/* ---- the machine ---- */

static void sysctls(FILE *out, const struct recording_facts *r)
{
	static const char *const names[] = {
		"min_free_kbytes",
		"swappiness",
		"overcommit_memory",
		"overcommit_ratio",
		"admin_reserve_kbytes",
		"user_reserve_kbytes",
		"panic_on_oom",
		"oom_kill_allocating_task",
		"watermark_scale_factor",
		"watermark_boost_factor",
		"dirty_ratio",
		"dirty_background_ratio",
		"page-cluster",
	};
	char path[64];
	bool any = false;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "/proc/sys/vm/%s", names[i]);
		if (!*fact(r, path))
			continue;
		fprintf(out, "%s  vm.%s: %ld\n", any ? "" : "sysctl:\n", names[i], strtol(fact(r, path), NULL, 10));
		any = true;
	}
	if (*fact(r, "/sys/kernel/mm/lru_gen/enabled"))
		fprintf(out, "lru_gen: {enabled: %ld, min_ttl_ms: %ld}\n",
			strtol(fact(r, "/sys/kernel/mm/lru_gen/enabled"), NULL, 16),
			strtol(fact(r, "/sys/kernel/mm/lru_gen/min_ttl_ms"), NULL, 10));
}

/* Of the pages on the per-CPU lists those of movable memory are as good as free; the engine starts with that list empty. Recordings
 * of 6.12 and 7.2 have some three eighths of the pages left at the kill, so these are the kernel's. */
#define PCP_KERNEL_SHARE 0.375

static void zones(FILE *out, const struct recording_facts *r)
{
	const struct guest_zone *z;
	sim_pages free, kernel;
	bool first = true;
	int i;

	fputs("  nodes:\n    - ", out);
	for (i = 0; i < MAX_ZONES; i++) {
		z = &r->zoneinfo.zone[i];
		if (!z->managed)
			continue;
		kernel = (sim_pages)(z->pcp * PCP_KERNEL_SHARE);
		free = (sim_pages)(z->free + z->pcp) - kernel;
		fprintf(out,
			"%s%s: {present: %.0fpages, managed: %.0fpages, free: %llupages, pcp_batch: %.0f, pcp_kernel: %llu}\n",
			first ? "" : "      ", zone_name[i], z->present, z->managed, (unsigned long long)free, z->batch,
			(unsigned long long)kernel);
		first = false;
	}
}

/* What a process costs comes from the forkbomb recordings (docs/recordings-notes.md, 2). */
static void kernel_memory(FILE *out, const struct recording_facts *r)
{
	const struct guest_zoneinfo *z = &r->zoneinfo;

	fprintf(out,
		"  kernel_memory: {slab_reclaimable: %.0fpages, slab_unreclaimable: %.0fpages, kernel_stack: %.0fKiB, "
		"pagetables: %.0fpages, unevictable: %.0fpages, per_process_stack: 16KiB, per_process_slab: 48KiB}\n",
		z->slab_reclaimable, z->slab_unreclaimable, z->kernel_stack_kB, guest_pagetables(z), z->unevictable);
}

/* "lat=100 mbps=400 qd=64": the number behind the key, or a default. */
static double option(const char *options, const char *key, double otherwise)
{
	const char *p = strstr(options, key);

	return p ? strtod(p + strlen(key), NULL) : otherwise;
}

/* A null_blk device. mq-deadline lets 2 x min(tags, 128) requests wait, without a scheduler submitters sleep for a tag. */
static void device(FILE *out, const struct recording_facts *r, const char *options)
{
	double lat = option(options, "lat=", 100), mbps = option(options, "mbps=", 0), qd = option(options, "qd=", 64);
	bool scheduler = strstr(fact(r, "/sys/block/nullb0/queue/scheduler"), "[mq-deadline]");

	fprintf(out,
		"      device: {read_latency: %.0fus, write_latency: %.0fus, read_bandwidth: %.0fMiB/s, "
		"write_bandwidth: %.0fMiB/s, "
		"throttle_tick: 20ms, queue_depth: %.0f, nr_requests: %.0f, max_request: 124KiB, seek: 0, rotational: "
		"false}\n",
		lat, lat, mbps, mbps, qd, scheduler ? 2 * (qd < 128 ? qd : 128) : 0);
}

/* ---- the spec's lines, one group at a time ---- */

/* The rest of `line` behind `key` and blanks; NULL if it is another line. */
static const char *is(const char *line, const char *key)
{
	size_t n = strlen(key);

	line += strspn(line, " \t");
	if (strncmp(line, key, n) || !strchr(" \t", line[n]))
		return NULL;
	return line + n + strspn(line + n, " \t");
}

#define ZSWAP_PARAMETERS "/sys/module/zswap/parameters/"

static bool has_setting(const char *path)
{
	return !strncmp(path, "/proc/sys/vm/", 13) || !strncmp(path, "/sys/kernel/mm/lru_gen/", 23) ||
	       !strncmp(path, "/sys/block/", 11) || !strncmp(path, ZSWAP_PARAMETERS, strlen(ZSWAP_PARAMETERS));
}

/* Lines that change what happens in ways the comparison cannot express. NULL: this one is fine. Huge pages are left out: what they change
 * of a leak is the watermarks, which are among the facts, and what its pages cost. */
static const char *obstacle(const char *line)
{
	const char *rest = is(line, "swap");

	if (rest && strncmp(rest, "disk", 4) && strncmp(rest, "zram", 4) && strncmp(rest, "none", 4))
		return "swap that is neither a null_blk disk nor zram";
	rest = is(line, "set");
	if (rest && !has_setting(rest) && !strstr(rest, "transparent_hugepage/enabled "))
		return "a setting without a name here";
	return NULL;
}

struct lines {
	char *text;
	const char *line[256];
	size_t n;
};

static void split_lines(struct lines *l, const char *spec)
{
	char *rest = l->text = strdup(spec), *line;

	while (rest && l->n < sizeof(l->line) / sizeof(*l->line) && (line = strsep(&rest, "\n"))) {
		line += strspn(line, " \t");
		if (*line && *line != '#')
			l->line[l->n++] = line;
	}
}

/* The algorithm in brackets: "lzo [lzo-rle] lz4 zstd". */
static void zram(FILE *out, const struct recording_facts *r, double pages)
{
	const char *all = fact(r, "/sys/block/zram0/comp_algorithm"), *chosen = strchr(all, '[');
	int n = chosen ? (int)strcspn(chosen + 1, "]") : 0;

	fprintf(out, "  swap:\n    - zram: {disksize: %.0fpages, comp_algorithm: %.*s}\n", pages, n, chosen ? chosen + 1 : "");
}

/* What the guest writes into a new page: 8 bytes, 2 KiB of noise, or all of it noise. */
enum fill { FILL_STAMP, FILL_HALF, FILL_RAND };

static enum fill fill(const struct lines *l)
{
	enum fill f = FILL_STAMP;
	const char *rest;
	size_t i;

	for (i = 0; i < l->n; i++) {
		rest = is(l->line[i], "fill");
		if (rest)
			f = *rest == 'h' ? FILL_HALF : *rest == 'r' ? FILL_RAND : FILL_STAMP;
	}
	return f;
}

/* lzo-rle makes about 50 bytes of the first kind. */
static void contents(FILE *out, const struct lines *l)
{
	static const char *const size[] = { "1.2%", "50.3%", "100%" };

	fprintf(out, "contents: {compressed: %s}\n", size[fill(l)]);
}

/* Noise is the program's own time: 7.7 us for 2 KiB (ws-120-zram: 14.58 us a page while memory is free), here part of the fault. */
static void costs(FILE *out, const struct lines *l, const char *preset)
{
	static const char *const fault_anon[] = { "", ", fault_anon: 14.45us", ", fault_anon: 22.15us" };

	fprintf(out, "  costs: {preset: %s%s}\n", preset, fault_anon[fill(l)]);
}

/* "set /sys/module/zswap/parameters/compressor lz4" */
static void zswap(FILE *out, const struct lines *l)
{
	char name[32], value[32];
	const char *rest, *sep = "  zswap: {";
	size_t i;

	for (i = 0; i < l->n; i++) {
		rest = is(l->line[i], "set");
		if (!rest || sscanf(rest, ZSWAP_PARAMETERS "%31s %31s", name, value) != 2)
			continue;
		fprintf(out, "%s%s: %s", sep, name, !strcmp(value, "Y") ? "true" : !strcmp(value, "N") ? "false" : value);
		sep = ", ";
	}
	if (*sep == ',')
		fputs("}\n", out);
}

static void swap_and_disks(FILE *out, const struct recording_facts *r, const struct lines *l)
{
	const char *rest;
	bool any = false;
	char size[32];
	size_t i;

	for (i = 0; i < l->n; i++) {
		rest = is(l->line[i], "swap");
		if (rest && sscanf(rest, "zram %31s", size) == 1)
			zram(out, r, spec_pages(&r->units, size));
		if (!rest || sscanf(rest, "disk %31s", size) != 1)
			continue;
		fprintf(out, "  swap:\n    - size: %.0fpages\n", spec_pages(&r->units, size));
		device(out, r, rest);
	}
	for (i = 0; i < l->n; i++) {
		rest = is(l->line[i], "disk");
		if (!rest)
			continue;
		fputs("  disks:\n    - name: data\n", out);
		device(out, r, rest);
	}
	for (i = 0; i < l->n; i++) {
		rest = is(l->line[i], "file");
		if (!rest)
			continue;
		if (!any)
			fputs("  files:\n", out);
		any = true;
		fprintf(out, "    - {name: %.*s, disk: data, size: %.0fpages}\n", (int)strcspn(rest, " \t"), rest,
			spec_pages(&r->units, rest + strcspn(rest, " \t")));
	}
}

static double setting(const struct lines *l, const char *key, double otherwise)
{
	const char *rest;
	size_t i;

	for (i = 0; i < l->n; i++) {
		rest = is(l->line[i], key);
		if (rest)
			return strtod(rest, NULL);
	}
	return otherwise;
}

static void count_forks(const struct lines *l, struct spec_forks *ret)
{
	const char *proc, *fork;
	double n, gap;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < l->n; i++) {
		proc = is(l->line[i], "proc");
		if (!proc)
			continue;
		ret->nproc++;
		fork = strstr(proc, "fork ");
		if (!fork || sscanf(fork, "fork %lf %lf", &n, &gap) != 2)
			continue;
		if (!ret->children) {
			ret->start_ms = option(proc, "start=", 0);
			ret->gap_ms = gap;
		}
		ret->children += (unsigned)n;
	}
}

/* "a/b memory.max=64M memory.high=25%" as an element of cgroups:. Bytes are whole pages. */
static void cgroup(FILE *out, const struct recording_facts *r, const char *line)
{
	char *copy = strdup(line), *rest = copy, *word = strsep(&rest, " \t"), *value;

	fprintf(out, "  - path: %s\n", word);
	while ((word = strsep(&rest, " \t"))) {
		value = strchr(word, '=');
		if (!value)
			continue;
		*value++ = 0;
		if (!strcmp(value, "max") || !strcmp(word, "memory.oom.group") || !strcmp(word, "memory.oom_control"))
			fprintf(out, "    %s: %s\n", word, value);
		else
			fprintf(out, "    %s: %.0fpages\n", word, spec_pages(&r->units, value));
	}
	free(copy);
}

static void cgroups(FILE *out, const struct recording_facts *r, const struct lines *l)
{
	const char *rest;
	bool any = false;
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (!strcmp(l->line[i], "cgv1"))
			fputs("cgroup_version: 1\n", out);
		rest = is(l->line[i], "cgroup");
		if (!rest)
			continue;
		if (!any)
			fputs("memory_recursiveprot: false\ncgroups:\n", out); /* the guest mounts cgroup2 without options */
		any = true;
		cgroup(out, r, rest);
	}
}

static enum spec_result processes(FILE *out, const struct recording_facts *r, const struct lines *l, char why[SPEC_WHY])
{
	struct spec_forks forks;
	const char *rest;
	size_t i;

	count_forks(l, &forks);
	fputs("processes:\n", out);
	spec_sampler(out, &forks, setting(l, "duration", 20000));
	for (i = 0; i < l->n; i++) {
		rest = is(l->line[i], "proc");
		if (rest && !spec_process(out, &r->units, rest, why))
			return SPEC_SKIP;
	}
	return SPEC_OK;
}

/* ---- all of it ---- */

/* What the caller decides. */
struct names {
	const char *name, *kernel, *costs;
};

static enum spec_result write_scenario(FILE *out, const struct recording_facts *r, const json_t *meta,
				       const struct lines *l, const struct names *names, char why[SPEC_WHY])
{
	const char *what;
	size_t i;

	for (i = 0; i < l->n; i++) {
		what = obstacle(l->line[i]);
		if (what)
			return because(why, SPEC_SKIP, "%s", what);
	}
	fprintf(out, "name: \"%s\"\nkernel: \"%s\"\nduration: %.0fms\nsample: %.0fms\n", names->name, names->kernel,
		setting(l, "duration", 20000), setting(l, "sample", 50));
	sysctls(out, r);
	fprintf(out, "machine:\n  cpus: %lld\n  hz: 250\n  release: \"%s\"\n",
		(long long)json_integer_value(json_object_get(meta, "smp")),
		json_string_value(json_object_get(meta, "image")));
	costs(out, l, names->costs);
	zones(out, r);
	kernel_memory(out, r);
	swap_and_disks(out, r, l);
	zswap(out, l);
	contents(out, l);
	cgroups(out, r, l);
	return processes(out, r, l, why);
}

static const char *text_of(const json_t *meta, const char *key)
{
	return json_string_value(json_object_get(meta, key));
}

/* The recorder's processes are sessions, so on a kernel built with SCHED_AUTOGROUP nice would tell on none of them. It does on 5.10 and 6.1
 * (a nice 10 gets a tenth), and does not on 6.12 and 7.2 (a half). */
static bool has_autogroups(const char *kernel)
{
	char *rest;
	long major = strtol(kernel, &rest, 10), minor = *rest == '.' ? strtol(rest + 1, NULL, 10) : 0;

	return major > 6 || (major == 6 && minor >= 12);
}

static enum spec_result from_meta(const json_t *meta, const char *dir, struct names *names, FILE *out, char why[SPEC_WHY])
{
	struct recording_facts r = { .facts = json_object_get(meta, "facts") };
	const char *spec = text_of(meta, "spec");
	struct lines l = { .n = 0 };
	enum spec_result result;

	if (!names->name)
		names->name = text_of(meta, "scenario");
	if (!names->kernel)
		names->kernel = text_of(meta, "kernel");
	if (!r.facts || !spec || !text_of(meta, "image") || !names->name || !names->kernel)
		return because(why, SPEC_BROKEN, "meta.json has no scenario, kernel, spec, facts or image");
	if (!read_avail(dir, &r.units.avail_kB))
		return because(why, SPEC_SKIP, "it never started");
	r.units.autogroups = has_autogroups(text_of(meta, "kernel") ? text_of(meta, "kernel") : names->kernel);
	guest_zoneinfo_read(fact(&r, "/proc/zoneinfo"), &r.zoneinfo);
	split_lines(&l, spec);
	result = write_scenario(out, &r, meta, &l, names, why);
	free(l.text);
	return result;
}

enum spec_result spec_scenario(const char *dir, const char *name, const char *kernel, const char *costs, char **ret_yaml,
			       char why[SPEC_WHY])
{
	struct names names = { name, kernel, costs };
	enum spec_result result;
	char path[4096], *text = NULL;
	json_error_t e;
	json_t *meta;
	size_t len;
	FILE *out;

	snprintf(path, sizeof(path), "%s/meta.json", dir);
	meta = json_load_file(path, 0, &e);
	if (!meta)
		return because(why, SPEC_BROKEN, "meta.json:%d: %.100s", e.line, e.text);
	out = open_memstream(&text, &len);
	result = out ? from_meta(meta, dir, &names, out, why) : SPEC_BROKEN;
	if (!out || ferror(out) | fclose(out))
		result = because(why, SPEC_BROKEN, "out of memory");
	json_decref(meta);
	if (result == SPEC_OK)
		*ret_yaml = text;
	else
		free(text);
	return result;
}
