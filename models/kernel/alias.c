/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Distributions: the upstream behaviour that each one's kernel follows. Where a distribution back-ports a later rule, the alias
 * follows the rule and the note says so. The LRU is the distribution's default (specification D.1); where it is not the model's,
 * a scenario says `lru_gen: {enabled: true}` or false.
 *
 * Source: specification 0.2, D.1; reports in the wild (RHEL 6 scores thousandths, RHEL 7 and Ubuntu 14.04 forgive root 3 % of its
 * own memory); the rest from the distributions' release notes as remembered, not read.
 */
#include "models/kernel/kernel.h"

#include <stddef.h>

#define C "classic"
#define M "mglru"
#define UNKNOWN "not known"

const struct kernel_alias kernel_aliases[] = {
	{ "debian-5", "k2.6.32", "2.6.26", C, 250, NULL },
	{ "debian-6", "k2.6.32", "2.6.32", C, 250, NULL },
	{ "debian-7", "k3.0", "3.2", C, 250, NULL },
	{ "debian-8", "k3.18", "3.16", C, 250, NULL },
	{ "debian-9", "k4.9", "4.9", C, 250, NULL },
	{ "debian-10", "k4.19", "4.19", C, 250, NULL },
	{ "debian-11", "k5.10", "5.10", C, 250, "reaper after 2 s by the stable tree" },
	{ "debian-12", "k6.1", "6.1", C, 250, "MGLRU is built in but off" },
	{ "debian-13", "k6.12", "6.12", M, 250, "no memcg v1" },
	{ "ubuntu-14.04", "k3.18", "3.13", C, 250, "its 3.13 has the root rule of 3.14; per-CPU lists and zones as 3.10" },
	{ "ubuntu-16.04", "k4.4", "4.4", C, 250, NULL },
	{ "ubuntu-18.04", "k4.14", "4.15", C, 250, "4.15 counts page tables of all levels" },
	{ "ubuntu-20.04", "k5.4", "5.4", C, 250, NULL },
	{ "ubuntu-22.04", "k5.15", "5.15", C, 250, NULL },
	{ "ubuntu-24.04", "k6.8", "6.8", UNKNOWN, 0, "whether MGLRU is on was not readable" },
	{ "rhel-5", "k2.6.24", "2.6.18", C, 1000, NULL },
	{ "rhel-6", "k2.6.36", "2.6.32", C, 1000, "2.6.32 with the rule of 2.6.36; its Killed line also tells the UID" },
	{ "rhel-7", "k3.18", "3.10", C, 1000, "3.10 with the root rule of 3.14 and the memory lines of 4.4" },
	{ "rhel-8", "k5.4", "4.18", C, 1000, "4.18 with the memory management of 5.x back-ported: no child sacrifice" },
	{ "rhel-9", "k5.15", "5.14", C, 1000, "5.14 with later memory management back-ported" },
	{ "rhel-10", "k6.12", "6.12", M, 1000, NULL },
	{ "centos-5", "k2.6.24", "2.6.18", C, 1000, "as rhel-5" },
	{ "centos-6", "k2.6.36", "2.6.32", C, 1000, "as rhel-6" },
	{ "centos-7", "k3.18", "3.10", C, 1000, "as rhel-7" },
	{ "centos-8", "k5.4", "4.18", C, 1000, "as rhel-8" },
	{ "centos-9", "k5.15", "5.14", C, 1000, "as rhel-9" },
	{ "centos-10", "k6.12", "6.12", M, 1000, "as rhel-10" },
	{ "fedora-38", "k6.1", "6.2", M, 1000, "lru_gen: {enabled: true}" },
	{ "fedora-39", "k6.1", "6.5", M, 1000, "lru_gen: {enabled: true}" },
	{ "fedora-40", "k6.8", "6.8", M, 1000, "lru_gen: {enabled: true}" },
	{ "fedora-41", "k6.8", "6.11", M, 1000, "lru_gen: {enabled: true}" },
	{ "fedora-42", "k6.12", "6.14", M, 1000, NULL },
	{ "fedora-43", "k6.12", "6.17", M, 1000, NULL },
	{ "sles-11", "k3.0", "3.0", C, 250, NULL },
	{ "sles-12", "k4.4", "4.4", C, 250, "SP2 and SP3; SP4 and SP5 have 4.12 (k4.9)" },
	{ "sles-15", "k5.10", "5.14", C, 250, "SP4 and SP5; SP6 has 6.4 (k6.1)" },
	{ "opensuse-leap-15", "k5.10", "5.14", C, 250, "15.4 and 15.5" },
	{ "opensuse-leap-16", "k6.12", "6.12", C, 250, "lru_gen: {enabled: false}" },
	{ "amazon-linux-1", "k4.14", "4.14", C, 250, NULL },
	{ "amazon-linux-2", "k4.14", "4.14", C, 250, "also 5.10 and 5.15" },
	{ "amazon-linux-2023", "k6.1", "6.1", UNKNOWN, 0, NULL },
	{ NULL, NULL, NULL, NULL, 0, NULL },
};
