/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * QEMU with deterministic time: TCG with -icount, where an instruction is 2 ns and idle time is skipped. The guest gets its plan by
 * an ivshmem device and leaves its records there (sim/guest/region.h).
 */
#include "sim/cli/guest_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "sim/cli/load.h"
#include "sim/cli/tee.h"
#include "sim/sink/folder.h"

#define QEMU       "qemu-system-x86_64"
#define CLOCK      "shift=1,sleep=off"
#define POLL_NS    (50 * NS_PER_MS)
#define PATH_MAX_  4096

/* One run: a working folder with the files that QEMU opens. */
struct run {
	const struct guest_options *o;
	const struct guest_kernel *k;
	const struct guest_plan *plan;
	char dir[PATH_MAX_ - 64];
	char modules[PATH_MAX_];
	void *region; /* mapped */
	size_t region_size;
	bool timed_out;
	int qemu_status;
};

static void in_dir(const struct run *r, const char *name, char ret[PATH_MAX_])
{
	snprintf(ret, PATH_MAX_, "%s/%s", r->dir, name);
}

/* ---- the kernel ---- */

int guest_kernel_read(const char *path, struct guest_kernel *ret)
{
	char why[BOOT_WHY];
	int err;

	*ret = (struct guest_kernel){ 0 };
	err = cli_read_file(path, &ret->data);
	if (err) {
		cli_error("%s: %s; tests/kernel/get-kernels.sh fetches Debian's kernels", path, strerror(-err));
		return EXIT_BAD_INPUT;
	}
	if (!kernel_image_read(ret->data.s, ret->data.len, &ret->image, why)) {
		cli_error("%s: %s", path, why);
		return EXIT_BAD_INPUT;
	}
	return EXIT_DONE;
}

void guest_kernel_free(struct guest_kernel *k)
{
	strbuf_free(&k->data);
}

/* Booting the unpacked kernel (by its PVH entry) spares each run the unpacking at 500 MIPS; the image itself boots too. */
static int write_kernel(struct run *r, char path[PATH_MAX_])
{
	const struct kernel_image *i = &r->k->image;
	struct strbuf elf = { 0 };
	int err = 0;

	in_dir(r, "vmlinux", path);
	if (i->unpacker && tool_unpack(i->unpacker, r->k->data.s + i->payload, i->payload_len, &elf) && elf.len > 4 &&
	    !memcmp(elf.s, "\177ELF", 4))
		err = cli_write_file(path, elf.s, elf.len);
	else
		snprintf(path, PATH_MAX_, "%s", r->o->image);
	strbuf_free(&elf);
	if (err)
		cli_error("%s: %s", path, strerror(-err));
	return err ? EXIT_IO : EXIT_DONE;
}

/* Beside the image, as packages have them unpacked or installed; else the host's own. */
static int find_modules(struct run *r)
{
	static const char *const below[] = { "/../lib/modules", "/../usr/lib/modules", "/../../lib/modules" };
	const char *release = r->k->image.release;
	char dir[PATH_MAX_ / 2], *slash;

	if (r->o->modules) {
		snprintf(r->modules, sizeof(r->modules), "%s", r->o->modules);
		return EXIT_DONE;
	}
	snprintf(dir, sizeof(dir), "%s", r->o->image);
	slash = strrchr(dir, '/');
	snprintf(slash ? slash : dir, 2, "%s", slash ? "" : ".");
	for (size_t i = 0; i < ARRAY_LEN(below); i++) {
		snprintf(r->modules, sizeof(r->modules), "%s%s/%s", *dir ? dir : "/", below[i], release);
		if (!access(r->modules, R_OK))
			return EXIT_DONE;
	}
	snprintf(r->modules, sizeof(r->modules), "/lib/modules/%s", release);
	if (!access(r->modules, R_OK))
		return EXIT_DONE;
	cli_error("the modules of kernel %s are neither near %s nor in /lib/modules; name their folder with --modules", release,
		  r->o->image);
	return EXIT_BAD_INPUT;
}

static int add_modules(struct run *r, struct initramfs *a)
{
	static const char *const names[] = { "null_blk", "mq-deadline", "ext4" };
	size_t n = r->plan->ndisk ? 3 : r->plan->disks_mib ? 2 : 0;
	char why[BOOT_WHY];
	int status = n ? find_modules(r) : EXIT_DONE;

	for (size_t i = 0; !status && i < n; i++) {
		if (i == 1 && !kernel_has_module(r->modules, names[i])) /* no scheduler to load */
			continue;
		if (!initramfs_module(a, r->modules, names[i], tool_unpack, why)) {
			cli_error("swap and disks need the module %s: %s", names[i], why);
			status = EXIT_BAD_INPUT;
		}
	}
	return status;
}

static int write_initramfs(struct run *r, char path[PATH_MAX_])
{
	static const char *const folder[] = { "dev", "proc", "sys", "m" };
	struct initramfs a = { .nmodule = 0 };
	struct strbuf program = { 0 };
	char made[PATH_MAX_], file[PATH_MAX_];
	int status, err;

	in_dir(r, "guest", made);
	in_dir(r, "initrd", path);
	status = tool_guest_program(r->o, made, file);
	if (status)
		return status;
	err = cli_read_file(file, &program);
	for (size_t i = 0; i < ARRAY_LEN(folder); i++)
		initramfs_folder(&a, folder[i]);
	initramfs_device(&a, "dev/console", 5, 1);
	initramfs_file(&a, "init", 0755, program.s, program.len);
	status = err ? EXIT_IO : add_modules(r, &a);
	if (err)
		cli_error("%s: %s", file, strerror(-err));
	initramfs_end(&a);
	if (!status && (err = a.cpio.failed ? -ENOMEM : cli_write_file(path, a.cpio.s, a.cpio.len))) {
		cli_error("%s: %s", path, strerror(-err));
		status = EXIT_IO;
	}
	strbuf_free(&program);
	strbuf_free(&a.cpio);
	return status;
}

/* ---- the region ---- */

static const struct region_head region_empty = {
	.magic = REGION_MAGIC,
	.version = REGION_VERSION,
	.events = { REGION_EVENTS, REGION_HEAD - REGION_EVENTS, 0 },
	.samples = { REGION_SAMPLES, REGION_DMESG - REGION_SAMPLES, 0 },
	.dmesg = { REGION_DMESG, REGION_BLOCKS - REGION_DMESG, 0 },
};

static int make_region(struct run *r, char path[PATH_MAX_])
{
	int fd;

	in_dir(r, "region", path);
	r->region_size = r->plan->ndisk ? REGION_LARGE : REGION_SMALL;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && !ftruncate(fd, (off_t)r->region_size))
		r->region = mmap(NULL, r->region_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd < 0 || !r->region || r->region == MAP_FAILED) {
		cli_error("%s: %s", path, strerror(errno));
		r->region = NULL;
		return EXIT_IO;
	}
	close(fd);
	memcpy(r->region, &region_empty, sizeof(region_empty));
	memcpy((char *)r->region + REGION_PLAN, r->plan->text.s, r->plan->text.len + 1);
	return EXIT_DONE;
}

static bool all_zero(const unsigned char *p, size_t n)
{
	return !*p && !memcmp(p, p + 1, n - 1);
}

/* The blocks of a file system that are not zero. */
static int take_blocks(struct run *r, const char *path, uint32_t disk)
{
	struct region_head *h = r->region;
	struct region_block *b = (struct region_block *)((char *)r->region + REGION_BLOCKS);
	size_t room = (r->region_size - REGION_BLOCKS) / sizeof(*b);
	unsigned char data[REGION_BLOCK];
	FILE *f = fopen(path, "re");

	for (uint32_t n = 0; f && fread(data, sizeof(data), 1, f) == 1; n++) {
		if (all_zero(data, sizeof(data)))
			continue;
		if (h->nblock == room) {
			fclose(f);
			cli_error("the file systems' own blocks take more than 128 MiB");
			return EXIT_BAD_INPUT;
		}
		b[h->nblock] = (struct region_block){ .disk = disk, .block = n };
		memcpy(b[h->nblock++].data, data, sizeof(data));
	}
	if (f)
		fclose(f);
	return f ? EXIT_DONE : EXIT_IO;
}

static int make_disks(struct run *r)
{
	char path[PATH_MAX_];
	int status = EXIT_DONE;

	in_dir(r, "ext4", path);
	for (unsigned i = 0; !status && i < r->plan->ndisk; i++) {
		status = tool_make_ext4(path, r->plan->disk_mib[i]);
		if (!status)
			status = take_blocks(r, path, i);
		unlink(path);
	}
	return status;
}

/* ---- QEMU ---- */

/* A null_blk device takes its size, an index and a memory map of RAM. */
static uint64_t machine_mib(const struct guest_plan *p)
{
	return p->ram_mib + (p->disks_mib ? p->disks_mib * 103 / 100 + 1 : 0);
}

static void start_qemu(const struct run *r, const char *kernel, const char *initrd, const char *region)
{
	char memory[32], object[PATH_MAX_ + 80], serial[PATH_MAX_ + 16], console[PATH_MAX_], errors[PATH_MAX_];
	int fd;

	in_dir(r, "console", console);
	in_dir(r, "errors", errors);
	snprintf(memory, sizeof(memory), "%llu", (unsigned long long)machine_mib(r->plan));
	snprintf(object, sizeof(object), "memory-backend-file,id=region,size=%zu,mem-path=%s,share=on", r->region_size, region);
	snprintf(serial, sizeof(serial), "file:%s", console);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = open(errors, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	dup2(fd, STDERR_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
	execlp(QEMU, QEMU, "-machine", "pc", "-cpu", "qemu64,+rdrand", "-m", memory, "-smp", "1", "-accel", "tcg", "-icount", CLOCK,
	       "-nodefaults", "-display", "none", "-no-reboot", "-seed", "1", "-rtc", "base=2025-01-01T00:00:00,clock=vm", "-serial",
	       serial, "-device", "isa-debug-exit,iobase=0xf4", "-object", object, "-device", "ivshmem-plain,memdev=region", "-kernel",
	       kernel, "-initrd", initrd, "-append",
	       "console=ttyS0 quiet loglevel=1 panic=-1 nokaslr norandmaps mitigations=off tsc=reliable no_timer_check "
	       "cryptomgr.notests random.trust_cpu=on psi=1 swiotlb=noforce transparent_hugepage=never",
	       (char *)NULL);
	_exit(127);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

static void show_progress(const struct run *r, uint64_t ns)
{
	if (!r->o->quiet && isatty(STDERR_FILENO))
		fprintf(stderr, "\rLinux %s in QEMU: %llu s\r", r->k->image.release, (unsigned long long)(ns / NS_PER_SEC));
}

static void wait_for_qemu(struct run *r, pid_t pid)
{
	uint64_t begin = now_ns(), limit = r->o->timeout_s * NS_PER_SEC;
	int status = 0;
	pid_t got;

	while (!(got = waitpid(pid, &status, WNOHANG)) || (got < 0 && errno == EINTR)) {
		r->timed_out |= now_ns() - begin > limit;
		if (r->timed_out || interrupt_seen())
			kill(pid, SIGKILL);
		show_progress(r, now_ns() - begin);
		nanosleep(&(struct timespec){ .tv_nsec = (long)POLL_NS }, NULL);
	}
	r->qemu_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int boot(struct run *r)
{
	char kernel[PATH_MAX_], initrd[PATH_MAX_], region[PATH_MAX_];
	int status = write_kernel(r, kernel);
	pid_t pid;

	if (!status)
		status = write_initramfs(r, initrd);
	if (!status)
		status = make_region(r, region);
	if (!status)
		status = make_disks(r);
	if (status)
		return status;
	pid = fork();
	if (!pid)
		start_qemu(r, kernel, initrd, region);
	if (pid < 0) {
		cli_error("fork: %s", strerror(errno));
		return EXIT_BROKEN;
	}
	wait_for_qemu(r, pid);
	return interrupt_seen() ? SIM_EINTERRUPTED : EXIT_DONE;
}

/* ---- what came of it ---- */

static char *area_text(const struct run *r, const struct region_area *a)
{
	uint64_t n = u64_min(a->len, a->cap);

	return strndup((const char *)r->region + a->off, n);
}

static void read_text(const struct run *r, const char *name, struct strbuf *ret)
{
	char path[PATH_MAX_];

	in_dir(r, name, path);
	cli_read_file(path, ret);
	strbuf_puts(ret, "");
}

static const char *last_line(const char *text)
{
	const char *end = text + strlen(text);

	while (end > text && end[-1] == '\n')
		end--;
	while (end > text && end[-1] != '\n')
		end--;
	return end;
}

/* Say why there is nothing to compare. EXIT_DONE: there is. */
static int judge(const struct run *r, const char *events, const char *errors, const char *console)
{
	const struct region_head *h = r->region;

	if (r->timed_out) {
		cli_error("the guest was stopped after %u s of host time (--timeout); what it had recorded by then is kept with -o",
			  r->o->timeout_s);
		return EXIT_IO;
	}
	if (h->state == REGION_FAILED) {
		cli_error("the guest could not be set up: %s", last_line(events));
		return EXIT_IO;
	}
	if (h->state == REGION_NEW) {
		cli_error("the guest never started (QEMU's exit status %d)%s%s%s%s", r->qemu_status, *errors ? ": " : "", errors,
			  *console ? "; the end of its console: " : "", last_line(console));
		return EXIT_IO;
	}
	return EXIT_DONE;
}

static int keep(const struct run *r, const char *scenario, const char *dir)
{
	const struct region_head *h = r->region;
	struct strbuf console = { 0 }, errors = { 0 };
	char kernel[SIM_NAME_LEN], why[RECORDING_WHY];
	struct guest_raw raw = { area_text(r, &h->events), area_text(r, &h->samples), area_text(r, &h->dmesg), NULL, h->state };
	int status;

	read_text(r, "console", &console);
	read_text(r, "errors", &errors);
	raw.console = console.s ? console.s : "";
	snprintf(kernel, sizeof(kernel), "%s", r->k->image.release);
	if (strchr(kernel, '.') && strchr(strchr(kernel, '.') + 1, '.'))
		*strchr(strchr(kernel, '.') + 1, '.') = 0;
	status = judge(r, raw.events ? raw.events : "", errors.s ? errors.s : "", raw.console);
	if (!raw.events || !raw.samples || !raw.dmesg) {
		cli_error("%s", sim_strerror(SIM_ENOMEM));
		status = EXIT_BROKEN;
	} else if (h->state != REGION_NEW && !kernel_recording_store(dir, &raw,
					   &(struct guest_run_meta){ .scenario = scenario,
								     .kernel = kernel,
								     .image = r->k->image.release,
								     .clock = "icount:" CLOCK,
								     .plan = r->plan->text.s,
								     .notes = r->plan->notes.s ? r->plan->notes.s : "",
								     .ram_mib = r->plan->ram_mib,
								     .timed_out = r->timed_out,
								     .qemu_status = r->qemu_status,
								     .qemu_stderr = errors.s ? errors.s : "" },
					   why)) {
		cli_error("%s", why);
		status = EXIT_IO;
	}
	free(raw.events);
	free(raw.samples);
	free(raw.dmesg);
	strbuf_free(&console);
	strbuf_free(&errors);
	return status;
}

static int possible(const struct guest_plan *plan)
{
	uint64_t need = machine_mib(plan) * MIB + REGION_SMALL, have = host_memory_available();
	char a[32], b[32];

	if (plan->refused) {
		cli_error("the guest cannot run this scenario: it has %s", plan->refused);
		return EXIT_BAD_INPUT;
	}
	if (!tool_exists(QEMU))
		return tool_missing(QEMU, "qemu-system-x86", "boots the kernel");
	if (need <= have)
		return EXIT_DONE;
	cli_human_bytes(a, need);
	cli_human_bytes(b, have);
	cli_error("the guest takes %s of host memory, its swap and disks included, and this host has %s available", a, b);
	return EXIT_BAD_INPUT;
}

int guest_run(const struct guest_options *o, const struct guest_kernel *k, const struct guest_plan *plan, const char *scenario,
	      const char *dir)
{
	struct run r = { .o = o, .k = k, .plan = plan };
	const char *tmp = getenv("TMPDIR");
	struct sink_error e = { 0 };
	struct folder work;
	char target[PATH_MAX_];
	int status = possible(plan);

	if (status)
		return status;
	snprintf(target, sizeof(target), "%s/oomsim-guest-%ld", tmp && *tmp ? tmp : "/tmp", (long)getpid());
	if (folder_open(&work, target, &e)) {
		cli_error("%s", e.text);
		folder_free(&work);
		return EXIT_IO;
	}
	snprintf(r.dir, sizeof(r.dir), "%s", work.tmp);
	status = boot(&r);
	if (!status)
		status = keep(&r, scenario, dir);
	if (r.region)
		munmap(r.region, r.region_size);
	folder_free(&work);
	return status;
}
