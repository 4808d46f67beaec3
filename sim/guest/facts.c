/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/guest/facts.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const zone_name[MAX_ZONES] = { "DMA", "DMA32", "Normal" };

/* Page tables of the machine before the start (docs/recordings-notes.md). */
#define PAGETABLES 73

/* ---- /proc/zoneinfo ---- */

static const char *after(const char *line, const char *key)
{
	size_t n = strlen(key);

	line += strspn(line, " \t");
	return !strncmp(line, key, n) && strchr(" :\t", line[n]) ? line + n + strspn(line + n, " :\t") : NULL;
}

/* The first figure of that name counts. */
static void field(const char *line, const char *key, double *ret)
{
	const char *v = after(line, key);

	if (v && !*ret)
		*ret = strtod(v, NULL);
}

static void node_line(struct guest_zoneinfo *r, const char *line)
{
	field(line, "nr_slab_reclaimable", &r->slab_reclaimable);
	field(line, "nr_slab_unreclaimable", &r->slab_unreclaimable);
	field(line, "nr_kernel_stack", &r->kernel_stack_kB);
	field(line, "nr_page_table_pages", &r->pagetables);
	field(line, "nr_unevictable", &r->unevictable);
}

static void zone_line(struct guest_zone *z, const char *line)
{
	const char *pages = after(line, "pages");

	if (pages)
		field(pages, "free", &z->free);
	field(line, "present", &z->present);
	field(line, "managed", &z->managed);
	field(line, "batch", &z->batch);
	field(line, "count", &z->pcp);
}

/* The next line of *text into buf, cut to its size; false at the end. */
static bool next_line(const char **text, char *buf, size_t size)
{
	size_t n = strcspn(*text, "\n");

	if (!**text)
		return false;
	snprintf(buf, size, "%.*s", (int)n, *text);
	*text += n + ((*text)[n] == '\n');
	return true;
}

void guest_zoneinfo_read(const char *text, struct guest_zoneinfo *ret)
{
	struct guest_zone *z = NULL;
	char line[256], name[16];

	memset(ret, 0, sizeof(*ret));
	while (next_line(&text, line, sizeof(line))) {
		node_line(ret, line);
		if (sscanf(line, "Node %*d, zone %15s", name) == 1) {
			z = NULL;
			for (int i = 0; i < MAX_ZONES; i++)
				if (!strcmp(name, zone_name[i]))
					z = &ret->zone[i];
		}
		if (z)
			zone_line(z, line);
	}
}

double guest_pagetables(const struct guest_zoneinfo *z)
{
	return z->pagetables > 0 ? z->pagetables : PAGETABLES;
}

/* ---- meta.json ---- */

static const char *fact(const json_t *facts, const char *path)
{
	const char *s = json_string_value(json_object_get(facts, path));

	return s ? s : "";
}

static int64_t sysctl_fact(const json_t *facts, const char *name)
{
	char path[80];
	const char *text;

	snprintf(path, sizeof(path), "/proc/sys/vm/%s", !strcmp(name, "page_cluster") ? "page-cluster" : name);
	text = fact(facts, path);
	return *text ? strtoll(text, NULL, 10) : SIM_AUTO;
}

static void read_facts(const json_t *facts, struct guest_facts *ret)
{
	const char *lru = fact(facts, "/sys/kernel/mm/lru_gen/enabled");

	guest_zoneinfo_read(fact(facts, "/proc/zoneinfo"), &ret->zoneinfo);
#define X(name, def, min, max, unit, help) ret->sysctl.name = sysctl_fact(facts, #name);
	SYSCTL_MAP(X)
#undef X
	ret->lru_gen.enabled = *lru ? strtoll(lru, NULL, 16) : SIM_AUTO;
	ret->lru_gen.min_ttl_ms = strtoll(fact(facts, "/sys/kernel/mm/lru_gen/min_ttl_ms"), NULL, 10);
	ret->touch_ns = strtod(fact(facts, "guest/touch_ns"), NULL);
	ret->max_sectors_kb = (unsigned)strtoul(fact(facts, "/sys/block/nullb0/queue/max_sectors_kb"), NULL, 10);
}

static bool read_meta(const char *dir, struct guest_facts *ret, char *why)
{
	char path[4096];
	json_error_t e;
	json_t *meta;

	snprintf(path, sizeof(path), "%s/meta.json", dir);
	meta = json_load_file(path, 0, &e);
	if (!meta) {
		snprintf(why, RECORDING_WHY, "%s:%d: %s", path, e.line, e.text);
		return false;
	}
	if (json_string_value(json_object_get(meta, "image")))
		snprintf(ret->release, sizeof(ret->release), "%s", json_string_value(json_object_get(meta, "image")));
	read_facts(json_object_get(meta, "facts"), ret);
	json_decref(meta);
	return true;
}

/* ---- events.tsv: what the guest says of itself ---- */

static void own_event(const char *text, struct guest_facts *ret)
{
	size_t n;

	if (sscanf(text, "probe shmem_kb=%lf anon_kb=%lf vm_kb=%lf commit_kb=%lf", &ret->exe_kB, &ret->private_kB, &ret->vm_kB,
		   &ret->commit_kB) == 4)
		return;
	if (sscanf(text, "sampler us=%lf", &ret->sampler_us) == 1)
		return;
	if (!strncmp(text, "setup failed", 12) || !strncmp(text, "set ", 4) || !strncmp(text, "insmod ", 7)) {
		n = strlen(ret->failed);
		snprintf(ret->failed + n, sizeof(ret->failed) - n, "%s%.*s", n ? "\n" : "", (int)strcspn(text, "\n"), text);
	}
}

bool guest_facts_read(const char *dir, struct guest_facts *ret, char why[RECORDING_WHY])
{
	char path[4096], line[1024], *init;
	FILE *f;

	memset(ret, 0, sizeof(*ret));
	if (!read_meta(dir, ret, why))
		return false;
	snprintf(path, sizeof(path), "%s/events.tsv", dir);
	f = fopen(path, "re");
	if (!f) {
		snprintf(why, RECORDING_WHY, "%s: %s", path, strerror(errno));
		return false;
	}
	while (fgets(line, sizeof(line), f)) {
		init = strstr(line, "\tinit\t1\t");
		if (init)
			own_event(init + 8, ret);
	}
	fclose(f);
	return true;
}
