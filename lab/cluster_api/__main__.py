"""Plays Cluster API, its provider for OpenStack and the addon operator, as far as magnum-capi-helm and the product can see them.

It acts on the cloud by the application credential in the Secret that the chart names, and by nothing else. It watches the management
cluster, and looks again by the clock only where the cloud has something to finish. `lab/capi` chooses faults: the words in
LAB_DIR/capi/faults, read again at SIGHUP.
"""
import datetime
import heapq
import os
import signal
import threading
import time

from kube import Kube
from reconcile import Reconciler

LAB = os.environ['LAB_DIR']
RUN = LAB + '/capi'
WATCHED = ('clusters', 'machines', 'machinedeployments', 'kubeadmcontrolplanes', 'openstackclusters', 'secrets')


class Queue:
    """Clusters by the time of their next look; the earlier of two times counts."""

    def __init__(self):
        self.lock, self.heap, self.due = threading.Condition(), [], {}

    def add(self, key, seconds=0.0):
        at = time.monotonic() + seconds
        with self.lock:
            if self.due.get(key, float('inf')) > at:
                self.due[key] = at
                heapq.heappush(self.heap, (at, key))
                self.lock.notify()

    def take(self):
        with self.lock:
            while True:
                while self.heap and self.due.get(self.heap[0][1]) != self.heap[0][0]:
                    heapq.heappop(self.heap)
                wait = self.heap[0][0] - time.monotonic() if self.heap else None
                if wait is not None and wait <= 0:
                    _, key = heapq.heappop(self.heap)
                    del self.due[key]
                    return key
                self.lock.wait(wait)


def management():
    certificate = ('%s/mgmt/admin.crt' % RUN, '%s/mgmt/admin.key' % RUN)
    return Kube('https://127.0.0.1:' + os.environ['CAPI_PORT'], LAB + '/tls/ca.pem', certificate)


def faults():
    try:
        with open(RUN + '/faults') as file:
            return set(file.read().split())
    except FileNotFoundError:
        return set()


told = {}


def say(name, message):
    if told.get(name) != message:
        told[name] = message
        print(datetime.datetime.now().strftime('%H:%M:%S'), name, message, flush=True)


def cluster_of(item):
    labels = item['metadata'].get('labels', {})
    name = labels.get('cluster.x-k8s.io/cluster-name') or labels.get('capi.stackhpc.com/cluster')
    return (item['metadata']['namespace'], name or item['metadata']['name'])


def watch(plural, queue, last):
    def act(item, is_gone):
        key = cluster_of(item)
        # what this program writes itself is no news
        fingerprint = (item['metadata'].get('generation'), item['metadata'].get('deletionTimestamp'), str(item.get('data', '')))
        place = (plural, item['metadata']['uid'])
        if is_gone or last.get(place) != fingerprint:
            last[place] = fingerprint
            if plural != 'secrets' or 'cluster.x-k8s.io/cluster-name' in item['metadata'].get('labels', {}):
                queue.add(key)
    while True:
        try:
            management().watch(plural, act)
        except Exception as error:
            say('watch of ' + plural, str(error)[:200])
            time.sleep(1)


queue, seen, live = Queue(), {}, set()
signal.signal(signal.SIGHUP, lambda *_: [queue.add(key) for key in list(live)])
for each in WATCHED:
    threading.Thread(target=watch, args=(each, queue, seen), daemon=True).start()


def work():
    reconciler = Reconciler(management(), RUN, 'http://127.0.0.1:' + os.environ['ETCD_PORT'], faults, say)
    while True:
        key = queue.take()
        live.add(key)
        try:
            again = reconciler.round(*key)
        except Exception as error:
            say(key[1], '%s: %s' % (type(error).__name__, str(error)[:300]))
            again = 5
        if again is not None:
            queue.add(key, again)


threading.Thread(target=work, daemon=True).start()
while True:
    signal.pause()
