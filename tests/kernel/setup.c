/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the scenario's machine has: modules, sysctls, swap areas, disks with file systems and files, cgroups. Block devices are
 * null_blk: latency and bandwidth in guest time, contents in RAM that the host has added to the machine. Every page of them is
 * written here, so that I/O of the scenario allocates none.
 */
#define _GNU_SOURCE
#include "guest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CHUNK (1L << 20)

static char *buffer; /* CHUNK bytes, given back when all is set up */
static unsigned ndevice, ndisk;
static bool keep_min_free; /* the scenario sets vm.min_free_kbytes */
static uint64_t hidden;    /* RAM that is really disks */
static unsigned disk_device[16];

static void set(const char *path, const char *value)
{
	if (spit(path, value))
		event("init", 1, "set %s %s: %s", path, value, strerror(errno));
}

/* ---- modules ---- */

void setup_modules(void)
{
	struct dirent **d;
	char path[300];
	int fd, n = scandir("/m", &d, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		if (d[i]->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/m/%s", d[i]->d_name);
		fd = open(path, O_RDONLY);
		if (syscall(SYS_finit_module, fd, strstr(path, "null_blk") ? "nr_devices=0" : "", 0) && errno != EEXIST)
			event("init", 1, "insmod %s: %s", d[i]->d_name, strerror(errno));
		close(fd);
		unlink(path);
	}
}

/* ---- block devices ---- */

static uint64_t option(int argc, char **argv, const char *key)
{
	size_t n = strlen(key);

	for (int i = 1; i < argc; i++)
		if (!strncmp(argv[i], key, n) && argv[i][n] == '=')
			return strtoull(argv[i] + n + 1, NULL, 10);
	return 0;
}

static void attribute(const char *dir, const char *key, uint64_t value)
{
	char path[200], text[32];

	snprintf(path, sizeof(path), "%s/%s", dir, key);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	if (value)
		set(path, text);
}

static int open_device(unsigned i)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/dev/nullb%u", i);
	for (int tries = 0; tries < 200 && access(path, F_OK); tries++)
		usleep(10000);
	fd = open(path, O_RDWR | O_DIRECT);
	if (fd < 0)
		die(path);
	return fd;
}

static void fill(int fd, uint64_t bytes)
{
	if (!buffer)
		buffer = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(buffer, 0, CHUNK);
	for (uint64_t at = 0; at < bytes; at += CHUNK)
		if (write(fd, buffer, CHUNK) != CHUNK)
			die("filling a disk");
}

/* With mq-deadline requests wait and are merged, without a scheduler submitters sleep for a tag. */
static void scheduler(unsigned i, uint64_t nr_requests)
{
	char dir[64], path[100];

	snprintf(dir, sizeof(dir), "/sys/block/nullb%u/queue", i);
	snprintf(path, sizeof(path), "%s/scheduler", dir);
	set(path, nr_requests ? "mq-deadline" : "none");
	if (nr_requests)
		attribute(dir, "nr_requests", nr_requests);
}

/* Make the next device; returns its number. Sizes are whole MiB: null_blk's unit. */
static unsigned make_device(int argc, char **argv)
{
	uint64_t mib = option(argc, argv, "mib");
	char dir[100];
	int fd;

	snprintf(dir, sizeof(dir), "/sys/kernel/config/nullb/nullb%u", ndevice);
	if (mkdir(dir, 0755))
		die(dir);
	attribute(dir, "size", mib);
	attribute(dir, "blocksize", PAGE);
	attribute(dir, "memory_backed", 1);
	attribute(dir, "irqmode", 2);
	attribute(dir, "completion_nsec", option(argc, argv, "latency"));
	attribute(dir, "mbps", option(argc, argv, "mbps"));
	attribute(dir, "hw_queue_depth", option(argc, argv, "queue_depth"));
	attribute(dir, "power", 1);
	fd = open_device(ndevice);
	fill(fd, mib * REGION_MIB);
	close(fd);
	scheduler(ndevice, option(argc, argv, "nr_requests"));
	hidden += mib * REGION_MIB;
	return ndevice++;
}

static void make_swap(int argc, char **argv)
{
	unsigned i = make_device(argc, argv);
	uint32_t *header, last = (uint32_t)(option(argc, argv, "size") / PAGE - 1);
	long priority = (long)option(argc, argv, "priority");
	char path[32];
	int fd = open_device(i);

	memset(buffer, 0, PAGE);
	header = (uint32_t *)(buffer + 1024);
	header[0] = 1; /* version; then last_page */
	header[1] = last;
	memcpy(buffer + PAGE - 10, "SWAPSPACE2", 10);
	if (write(fd, buffer, PAGE) != PAGE)
		die("mkswap");
	close(fd);
	snprintf(path, sizeof(path), "/dev/nullb%u", i);
	if (swapon(path, priority ? SWAP_FLAG_PREFER | (int)(priority & SWAP_FLAG_PRIO_MASK) : 0))
		die("swapon");
}

/* ---- disks and files ---- */

static void make_disk(int argc, char **argv)
{
	disk_device[ndisk++] = make_device(argc, argv);
}

/* The blocks of empty file systems that the host has made, onto their disks. */
static void write_blocks(void)
{
	const struct region_block *b;
	size_t bytes = head->nblock * sizeof(*b);
	int fd = -1;
	uint32_t disk = UINT32_MAX;

	if (!head->nblock)
		return;
	b = mmap(NULL, bytes, PROT_READ, MAP_SHARED, REGION_FD, REGION_BLOCKS);
	if (b == MAP_FAILED)
		die("mapping the file systems");
	for (uint64_t i = 0; i < head->nblock; i++) {
		if (b[i].disk != disk) {
			if (fd >= 0)
				close(fd);
			disk = b[i].disk;
			fd = open_device(disk_device[disk]);
		}
		memcpy(buffer, b[i].data, REGION_BLOCK);
		if (pwrite(fd, buffer, REGION_BLOCK, (off_t)b[i].block * REGION_BLOCK) != REGION_BLOCK)
			die("writing a file system");
	}
	close(fd);
	munmap((void *)b, bytes);
}

static void make_file(const struct file *f)
{
	uint64_t whole = (f->size + PAGE - 1) / PAGE * PAGE;
	int fd = open(f->path, O_RDWR | O_CREAT | O_DIRECT, 0666);

	if (fd < 0 || fchmod(fd, 0666))
		die(f->path);
	memset(buffer, 0x5a, CHUNK);
	for (uint64_t at = 0; at < whole;) {
		uint64_t n = whole - at < CHUNK ? whole - at : CHUNK;

		if (write(fd, buffer, n) != (ssize_t)n)
			die(f->path);
		at += n;
	}
	if (ftruncate(fd, (off_t)f->size) || fsync(fd))
		die(f->path);
	close(fd);
}

static void mount_disks(void)
{
	char device[32], dir[16];

	write_blocks();
	for (unsigned i = 0; i < ndisk; i++) {
		snprintf(device, sizeof(device), "/dev/nullb%u", disk_device[i]);
		snprintf(dir, sizeof(dir), "/d%u", i);
		mkdir(dir, 0755);
		if (mount(device, dir, "ext4", 0, ""))
			die("mount ext4");
	}
	for (uint32_t i = 0; i < prog->nfile; i++)
		make_file(&prog->file[i]);
	sync();
}

/* ---- cgroups ---- */

static void mount_cgroups(void)
{
	static bool done;
	bool v1 = prog->cgroup_version == 1;

	if (done)
		return;
	done = true;
	mkdir("/sys/fs/cgroup", 0755);
	if (mount("cgroup", "/sys/fs/cgroup", v1 ? "cgroup" : "cgroup2", 0,
		  v1 ? "memory" : prog->recursiveprot ? "memory_recursiveprot" : ""))
		die(v1 ? "this kernel has no cgroup v1 memory controller: mount" : "mount cgroup2");
}

/* "group a/b": parents come first. */
static void make_group(char **argv)
{
	char path[300], *slash;

	mount_cgroups();
	if (prog->ngroup < MAX_GROUP)
		snprintf(prog->group[prog->ngroup++], sizeof(prog->group[0]), "%s", argv[1]);
	if (prog->cgroup_version == 2) {
		snprintf(path, sizeof(path), "/sys/fs/cgroup/%s", argv[1]);
		slash = strrchr(path, '/');
		snprintf(slash, sizeof(path) - (size_t)(slash - path), "/cgroup.subtree_control");
		spit(path, "+memory");
	}
	snprintf(path, sizeof(path), "/sys/fs/cgroup/%s", argv[1]);
	if (mkdir(path, 0755) && errno != EEXIST)
		die(path);
}

/* ---- all of it ---- */

void setup_line(int argc, char **argv)
{
	if (!strcmp(argv[0], "set") && argc == 3) {
		keep_min_free |= !!strstr(argv[1], "/vm/min_free_kbytes");
		if (!strncmp(argv[1], "/sys/fs/cgroup", 14))
			mount_cgroups();
		set(argv[1], argv[2]);
	} else if (!strcmp(argv[0], "swap")) {
		make_swap(argc, argv);
	} else if (!strcmp(argv[0], "disk")) {
		make_disk(argc, argv);
	} else if (!strcmp(argv[0], "group") && argc == 2) {
		make_group(argv);
	} else {
		event("init", 1, "the plan has an unknown line: %s", argv[0]);
	}
}

/* The kernel sized its watermarks for RAM and disks together; size them for RAM alone (init_per_zone_wmark_min()). */
static void hide_disks(void)
{
	char text[8192], number[32], *at;
	unsigned long kB, root = 0;

	slurp("/proc/meminfo", text, sizeof(text));
	at = strstr(text, "MemTotal:");
	if (!at || !hidden || keep_min_free)
		return;
	kB = 16 * (strtoul(at + 9, NULL, 10) - (unsigned long)(hidden / 1024));
	while ((root + 1) * (root + 1) <= kB)
		root++;
	snprintf(number, sizeof(number), "%lu", root);
	set("/proc/sys/vm/min_free_kbytes", number);
}

void setup_finish(void)
{
	if (ndisk)
		mount_disks();
	if (buffer)
		munmap(buffer, CHUNK);
	hide_disks();
	set("/proc/sys/vm/drop_caches", "3");
}
