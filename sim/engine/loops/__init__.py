"""The loops of the kernel: what happens to people in the steps of the day, over arrays.

Plain Python functions; ``compiling.compile_kernel`` compiles them together with the rules they name. They use only
what gives the same bits compiled and interpreted. No order of people, posts or threads enters a result: sums are whole
numbers, and exposures are kept in the order of (post address, shower), so that each person's come in the agents' order.

Inner functions get records and numbers, never arrays: numba counts references to arrays with locked instructions. Draws
are made some hundred at a time, for which the compiler uses the processor's wide registers.
"""
