/* A tar file's header and frames of any octets are read within their bounds, and nothing
 * passes for what was encrypted. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "archive_cipher.h"
#include "io.h"
#include "log.h"
#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct archive_keys *keys;
static unsigned char header[ARCHIVE_CIPHER_HEADER];
static int fd;

static void
start(void)
{
	char dir[] = "/tmp/mm-fuzz.XXXXXX";
	struct file_key by;
	struct data_keys k = {0};
	struct buf text = {0};
	bool made;
	if (!mkdtemp(dir))
		abort();
	char *key = xasprintf("%s/key", dir), *json = xasprintf("%s/" ARCHIVE_KEYS, dir);
	if (file_key_make(&by, key, &made) < 0 || data_keys_add(&k, &by, 0) < 0)
		abort();
	data_keys_format(&k, &text);
	if (io_write_file(json, text.p, text.n, 0600) < 0 ||
		!(keys = archive_keys_open(dir, key)))
		abort();
	unlink(key);
	unlink(json);
	rmdir(dir);
	free(key);
	free(json);
	buf_release(&text);
	data_keys_release(&k);
	archive_cipher_free(archive_cipher_new(keys, header));
	fd = memfd_create("tar", 0);
	setenv("MM_LOG", "error", 1);
}

/* `size` octets in the place of the header's from `at` on. */
static struct archive_cipher *
open_with(const uint8_t *data, size_t size, size_t at)
{
	unsigned char h[ARCHIVE_CIPHER_HEADER];
	memcpy(h, header, sizeof(h));
	if (size)
		memcpy(h + at, data, size < sizeof(h) - at ? size : sizeof(h) - at);
	if (pwrite(fd, h, sizeof(h), 0) != sizeof(h))
		abort();
	struct archive_cipher *c = archive_cipher_open(keys, fd, "tar");
	if ((c != NULL) != (memcmp(h, header, sizeof(h)) == 0))
		abort();
	return c;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!keys)
		start();
	archive_cipher_free(open_with(data, size, size ? data[0] % ARCHIVE_CIPHER_HEADER : 0));
	struct archive_cipher *c = open_with(NULL, 0, 0);
	struct str octets = str_n((const char *)data, size);
	size_t n = archive_cipher_frame(c, octets);
	if (archive_cipher_look(c, octets, 0) > size ||
		archive_cipher_look(NULL, octets, 0) > size)
		abort();
	if (n > size)
		abort();
	octets.n = n;
	if (archive_cipher_unseal(c, 64, &octets) == 0)
		abort();
	archive_cipher_free(c);
	return 0;
}
