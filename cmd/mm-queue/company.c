#include <math.h>

#include "company.h"

#define STEPS_MAX 10 /* by then even a large window has been halved to one */

size_t
company_of(unsigned deaths, unsigned poison, size_t window)
{
	unsigned steps = poison > 2 ? poison - 2 : 1;
	if (steps > STEPS_MAX)
		steps = STEPS_MAX;
	if (deaths == 0)
		return window;
	if (deaths > steps || deaths + 1 >= poison)
		return 1;
	double size = pow((double)window, 1. - (double)(deaths - 1) / steps);
	return size > 1. ? (size_t)(size + .5) : 1;
}
