#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# pkg-config-file.sh PREFIX LIBDIR INCDIR VERSION: print oomsim.pc.
set -eu
cat <<END
prefix=$1
libdir=$2
includedir=$3

Name: oomsim
Description: Simulator of a Linux machine running out of memory
Version: $4
Requires.private: gsl yaml-0.1 jansson
Cflags: -I\${includedir}
Libs: -L\${libdir} -loomsim
END
