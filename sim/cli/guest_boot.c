/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files that QEMU boots: the kernel, unpacked, and an initramfs of the guest's program and modules. */
#include "sim/cli/guest_run.h"

#include <string.h>
#include <unistd.h>

#include "sim/cli/cli.h"

void guest_path(const struct guest_run *r, const char *name, char ret[GUEST_PATH])
{
	snprintf(ret, GUEST_PATH, "%s/%s", r->dir, name);
}

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
int guest_write_kernel(struct guest_run *r, char path[GUEST_PATH])
{
	const struct kernel_image *i = &r->k->image;
	struct strbuf elf = { 0 };
	int err = 0;

	guest_path(r, "vmlinux", path);
	if (i->unpacker && tool_unpack(i->unpacker, r->k->data.s + i->payload, i->payload_len, &elf) && elf.len > 4 &&
	    !memcmp(elf.s, "\177ELF", 4))
		err = cli_write_file(path, elf.s, elf.len);
	else
		snprintf(path, GUEST_PATH, "%s", r->o->image);
	strbuf_free(&elf);
	if (err)
		cli_error("%s: %s", path, strerror(-err));
	return err ? EXIT_IO : EXIT_DONE;
}

/* Where packages have them, unpacked or installed: beside /boot, in the image's own folder (7.x: .../lib/modules/RELEASE/vmlinuz); else
 * the host's own. */
static int find_modules(struct guest_run *r)
{
	static const char *const near[] = { "../lib/modules/", "../usr/lib/modules/", NULL };
	const char *release = r->k->image.release, *slash = strrchr(r->o->image, '/');
	int n = slash ? (int)(slash + 1 - r->o->image) : 0;
	char kernel[GUEST_PATH + 16];

	if (r->o->modules) {
		snprintf(r->modules, sizeof(r->modules), "%s", r->o->modules);
		return EXIT_DONE;
	}
	for (size_t i = 0; i <= ARRAY_LEN(near); i++) {
		if (i == ARRAY_LEN(near))
			snprintf(r->modules, sizeof(r->modules), "/lib/modules/%s", release);
		else
			snprintf(r->modules, sizeof(r->modules), "%.*s%s%s", n, r->o->image, near[i] ? near[i] : "./", near[i] ? release : "");
		snprintf(kernel, sizeof(kernel), "%s/kernel", r->modules);
		if (!access(kernel, R_OK))
			return EXIT_DONE;
	}
	cli_error("the modules of kernel %s are neither near %s nor in /lib/modules; name their folder with --modules", release,
		  r->o->image);
	return EXIT_BAD_INPUT;
}

static int add_modules(struct guest_run *r, struct initramfs *a)
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

int guest_write_initramfs(struct guest_run *r, char path[GUEST_PATH])
{
	static const char *const folder[] = { "dev", "proc", "sys", "m" };
	struct initramfs a = { .nmodule = 0 };
	struct strbuf program = { 0 };
	char made[GUEST_PATH], file[GUEST_PATH];
	int status, err;

	guest_path(r, "guest", made);
	guest_path(r, "initrd", path);
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
