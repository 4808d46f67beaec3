/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a kernel is booted with: the image taken apart, modules in the order of their dependencies, and the initramfs. */
#ifndef OOMSIM_GUEST_BOOT_H
#define OOMSIM_GUEST_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/strbuf.h"
#include "sim/world/config.h"

#define BOOT_WHY 4400

/* A bzImage (Documentation/arch/x86/boot.rst). */
struct kernel_image {
	char release[SIM_NAME_LEN]; /* "6.1.0-50-cloud-amd64" */
	uint64_t payload, payload_len; /* the compressed kernel proper, in the file */
	const char *unpacker; /* the program that unpacks it: "xz", "zstd", "lz4", "gzip"; NULL: none that we know */
};

/* From the whole file. False, and why says it: it is no bzImage. */
bool kernel_image_read(const void *data, size_t n, struct kernel_image *ret, char why[BOOT_WHY]);

/* Unpack `n` bytes with `tool` -dc into *ret (empty). False when that fails. */
typedef bool (*unpack_fn)(const char *tool, const void *data, size_t n, struct strbuf *ret);

/* An archive in cpio's newc format, growing. */
struct initramfs {
	struct strbuf cpio;
	unsigned nmodule;
};

void initramfs_folder(struct initramfs *a, const char *name);
void initramfs_file(struct initramfs *a, const char *name, unsigned mode, const void *data, size_t n);
void initramfs_device(struct initramfs *a, const char *name, unsigned major, unsigned minor);
void initramfs_end(struct initramfs *a);

/*
 * Add module `name` and, before it, those it depends on, as m/NN_NAME.ko, from below `dir` (".../lib/modules/RELEASE"). Modules
 * that are there already, and those that modules.builtin lists, are not added. False: there is neither; why says which.
 */
bool initramfs_module(struct initramfs *a, const char *dir, const char *name, unpack_fn unpack, char why[BOOT_WHY]);

/* Is it a module or built into the kernel of `dir`? */
bool kernel_has_module(const char *dir, const char *name);

#endif
