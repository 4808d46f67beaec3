/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a kernel is booted with. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/guest/boot.h"

static unsigned char image[4096];

/* A header as Documentation/arch/x86/boot.rst has it: two set-up sectors, version text at 0x200 + 0x100, payload 16 bytes into the
 * protected-mode code. */
static void make_image(void)
{
	memset(image, 0, sizeof(image));
	image[0x1f1] = 2;
	memcpy(image + 0x202, "HdrS", 4);
	image[0x20f] = 1; /* 0x0100 */
	strcpy((char *)image + 0x300, "6.1.0-50-cloud-amd64 (builder) #1 SMP");
	image[0x248] = 16;
	image[0x24c] = 100;
	memcpy(image + 3 * 512 + 16, "\xfd" "7zXZ", 5);
}

Test(boot, image)
{
	struct kernel_image k;
	char why[BOOT_WHY];

	make_image();
	cr_assert(kernel_image_read(image, sizeof(image), &k, why));
	cr_assert_str_eq(k.release, "6.1.0-50-cloud-amd64");
	cr_assert_eq(k.payload, 3 * 512 + 16);
	cr_assert_eq(k.payload_len, 100);
	cr_assert_str_eq(k.unpacker, "xz");
	memcpy(image + 3 * 512 + 16, "\x28\xb5\x2f\xfd", 4);
	cr_assert(kernel_image_read(image, sizeof(image), &k, why));
	cr_assert_str_eq(k.unpacker, "zstd");
}

Test(boot, image_cut_or_foreign)
{
	struct kernel_image k;
	char why[BOOT_WHY];

	make_image();
	cr_assert(kernel_image_read(image, 3 * 512 + 50, &k, why)); /* the payload is not all there: boots as it is or not at all */
	cr_assert_null(k.unpacker);
	cr_assert_not(kernel_image_read(image, 0x24f, &k, why));
	image[0x202] = 'h';
	cr_assert_not(kernel_image_read(image, sizeof(image), &k, why));
	cr_assert_str_eq(why, "not a Linux kernel image for x86 (bzImage, called vmlinuz-VERSION)");
	make_image();
	image[0x20f] = 0xff; /* the text would lie beyond the file */
	cr_assert_not(kernel_image_read(image, sizeof(image), &k, why));
}

/* By cpio(5): 110 bytes of header, the name and its NUL to a multiple of 4, the contents likewise. */
Test(boot, initramfs)
{
	struct initramfs a = { .nmodule = 0 };

	initramfs_file(&a, "init", 0755, "abc", 3);
	cr_assert_eq(a.cpio.len, 116 + 4);
	cr_assert_eq(memcmp(a.cpio.s, "07070100000000000081ED00000000000000000000000100000000000000030000000000000000000000000000000000000005"
				      "00000000init\0\0abc\0", 120), 0);
	initramfs_end(&a);
	cr_assert_eq(a.cpio.len % 4, 0);
	cr_assert_not_null(memmem(a.cpio.s, a.cpio.len, "TRAILER!!!", 10));
	strbuf_free(&a.cpio);
}

static char dir[] = "/tmp/oomsim-modules-XXXXXX";

static void put(const char *name, const char *data, size_t n)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	fwrite(data, 1, n, f);
	fclose(f);
}

static bool no_unpack(const char *tool, const void *data, size_t n, struct strbuf *ret)
{
	(void)data;
	(void)n;
	(void)ret;
	cr_assert_str_eq(tool, "xz");
	return false;
}

static void modules(void)
{
	char path[256];

	cr_assert_not_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/kernel", dir);
	mkdir(path, 0755);
	put("modules.builtin", "kernel/fs/ext4/ext4.ko\nkernel/block/mq-deadline.ko\n", 54);
	put("kernel/a-b.ko", "x\0depends=c,d\0y", 15);
	put("kernel/c.ko", "x\0depends=d\0y", 13);
	put("kernel/d.ko", "x\0depends=\0y", 12);
	put("kernel/e.ko.xz", "..", 2);
	put("kernel/f.ko", "x\0depends=nowhere\0y", 19);
}

static void no_modules(void)
{
	static const char *const file[] = { "modules.builtin", "kernel/a-b.ko", "kernel/c.ko", "kernel/d.ko", "kernel/e.ko.xz",
					    "kernel/f.ko", "kernel", "" };
	char path[256];

	for (size_t i = 0; i < ARRAY_LEN(file); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, file[i]);
		remove(path);
	}
}

Test(boot, modules_after_what_they_need, .init = modules, .fini = no_modules)
{
	struct initramfs a = { .nmodule = 0 };
	const char *c, *d, *ab;
	char why[BOOT_WHY];

	cr_assert(initramfs_module(&a, dir, "a_b", no_unpack, why), "%s", why);
	cr_assert(initramfs_module(&a, dir, "c", no_unpack, why)); /* there already */
	cr_assert(initramfs_module(&a, dir, "ext4", no_unpack, why)); /* built in */
	cr_assert_eq(a.nmodule, 3);
	d = memmem(a.cpio.s, a.cpio.len, "m/00_d.ko", 9);
	c = memmem(a.cpio.s, a.cpio.len, "m/01_c.ko", 9);
	ab = memmem(a.cpio.s, a.cpio.len, "m/02_a_b.ko", 11);
	cr_assert(d && c && ab && d < c && c < ab);
	strbuf_free(&a.cpio);
}

Test(boot, modules_that_cannot_be_had, .init = modules, .fini = no_modules)
{
	struct initramfs a = { .nmodule = 0 };
	char why[BOOT_WHY];

	cr_assert_not(initramfs_module(&a, dir, "f", no_unpack, why));
	cr_assert(strstr(why, "there is no module nowhere below"), "%s", why);
	cr_assert_not(initramfs_module(&a, dir, "e", no_unpack, why));
	cr_assert(strstr(why, "it takes the program xz"), "%s", why);
	cr_assert(kernel_has_module(dir, "mq_deadline"));
	cr_assert(kernel_has_module(dir, "a-b"));
	cr_assert_not(kernel_has_module(dir, "b"));
	strbuf_free(&a.cpio);
}
