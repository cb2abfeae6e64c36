"""
What tests over real nodes and real DDS stand on.

`RosSession` is one isolated graph: a domain nobody else has, a context, an executor and the child
nodes it started. Closing it ends every child by its process id and leaves no shared memory.

"""
