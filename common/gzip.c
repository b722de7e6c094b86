#include <sysexits.h>
#include <zlib.h>

#include "gzip.h"
#include "log.h"

#define GZIP_WINDOW (15 + 16) /* zlib's way to ask for gzip's frame */

void
gzip_compress(struct buf *out, struct str s)
{
	z_stream z = {0};
	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 9,
		    Z_DEFAULT_STRATEGY) != Z_OK)
		log_die(EX_TEMPFAIL, "out of memory");
	size_t room = deflateBound(&z, s.n);
	buf_reserve(out, room);
	z.next_in = (unsigned char *)(uintptr_t)s.p;
	z.avail_in = (uInt)s.n;
	z.next_out = (unsigned char *)out->p + out->n;
	z.avail_out = (uInt)room;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		log_die(EX_TEMPFAIL, "zlib cannot compress");
	out->n += z.total_out;
	(void)deflateEnd(&z);
}
