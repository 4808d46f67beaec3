/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `make install` puts there can be used without this source tree. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/cli/shell.h"

TestSuite(install, .init = in_folder, .fini = in_folder_end);

/* The build folder's name says whether its objects need a sanitizer's runtime, which an ordinary program lacks. */
static void install(void)
{
	if (shell("case $build in */build) ;; *) exit 1;; esac").status)
		SKIP("only for an ordinary build");
	RAN(shell("make -s -C \"$top\" install DESTDIR=\"$PWD/root\""), 0);
}

static const char program[] = "#include <oomsim/oomsim.h>\n"
			      "int main(int argc, char **argv)\n"
			      "{\n"
			      "	struct sim_config cfg; struct diag_list dl = { 0 };\n"
			      "	(void)argc;\n"
			      "	if (scenario_load(argv[1], NULL, &cfg, &dl)) { diag_print(&dl, stderr); return 1; }\n"
			      "	puts(cfg.name);\n"
			      "	sim_config_free(&cfg);\n"
			      "	return kernel_model_find(\"6.1\") == NULL;\n"
			      "}\n";

#define PKG "PKG_CONFIG_PATH=$PWD/root/usr/local/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$PWD/root pkg-config"

Test(install, library)
{
	install();
	put_file("a.yaml", small_leak);
	put_file("p.c", program);
	RAN(shell("cc -Wall -Wextra -Werror p.c $(" PKG " --cflags --libs oomsim) -o shared"), 0);
	RAN(shell("test \"$(LD_LIBRARY_PATH=root/usr/local/lib ./shared a.yaml)\" = small"), 0);
	RAN(shell("readelf -d shared | grep -q 'NEEDED.*liboomsim\\.so\\.0'"), 0);
	RAN(shell("cc p.c $(" PKG " --cflags oomsim) root/usr/local/lib/liboomsim.a $(pkg-config --libs gsl yaml-0.1 "
		  "jansson) -o static"),
	    0);
	RAN(shell("test \"$(./static a.yaml)\" = small"), 0);
}

Test(install, every_header_stands_alone)
{
	struct ran r;

	install();
	r = shell("cd root/usr/local/include && for h in $(find . -name '*.h'); do "
		  "grep -Hn '#include \"' $h && exit 1; echo \"#include <$h>\" | cc -std=c11 -Wall -Wextra -Werror -I. "
		  "-fsyntax-only -x c - || exit 1; done");
	RAN(r, 0);
}

Test(install, presets_man_page_and_away_again)
{
	install();
	RAN(shell("test -x root/usr/local/bin/oomsim -a -f root/usr/local/share/man/man1/oomsim.1 -a -d "
		  "root/usr/local/share/oomsim/presets"),
	    0);
	RAN(shell("make -s -C \"$top\" uninstall DESTDIR=\"$PWD/root\""), 0);
	RAN(shell("test -z \"$(find root -type f -o -type l)\""), 0);
}
