# Two hosts, which are network namespaces joined by a veth pair, and what may join them beyond that:
# sourced by tunnel_peers, tunnel_techniques and uml_transport. Needs root, iperf3, jq.
set -euo pipefail
violin=$PWD/build/release/violin
work=$(mktemp -d)
a=violin-bench-$$-a b=violin-bench-$$-b
tag=$$
started=() agents=()
on=()  # a command that starts agents and programs of guests: taskset -c 0, for one processor

# One after the other, for some end others.
stop_all() {
  local pid
  for pid in "${started[@]}" "${agents[@]}"; do kill "$pid" 2>/dev/null || true; wait "$pid" || true; done
  started=() agents=()
}
clean() {
  stop_all 2>/dev/null
  ip netns del "$a" 2>/dev/null || true
  ip netns del "$b" 2>/dev/null || true
}
trap 'clean; rm -rf "$work"' EXIT

median() { sort -g | awk '{v[NR]=$1} END {if (NR) print NR%2 ? v[(NR+1)/2] : (v[NR/2]+v[NR/2+1])/2}'; }
steal() { awk '/^cpu /{print $9}' /proc/stat; }
busy() { awk '/^cpu /{print $2+$3+$4+$7+$8}' /proc/stat; }  # ticks of 10 ms, all processors
wait_for() { local i; for i in $(seq 400); do "$@" >/dev/null 2>&1 && return; sleep 0.02; done; echo "no: $*" >&2; exit 1; }

cable() {
  clean
  ip netns add "$a"; ip netns add "$b"
  ip link add eth0 netns "$a" type veth peer name eth0 netns "$b"
  ip -n "$a" addr add 192.168.77.1/24 dev eth0; ip -n "$b" addr add 192.168.77.2/24 dev eth0
  local host
  for host in "$a" "$b"; do
    ip -n "$host" link set lo up; ip -n "$host" link set eth0 up
    # A socket that begins under BBR, this machine's default, goes on pacing under CUBIC.
    ip netns exec "$host" sysctl -qw net.ipv4.tcp_congestion_control=reno
  done
  in_a() { ip netns exec "$a" "$@"; }
  in_b() { ip netns exec "$b" "$@"; }
  to=192.168.77.2
}
vxlan() {
  cable
  ip -n "$a" link add vx type vxlan id 7 local 192.168.77.1 remote 192.168.77.2 dstport 4789 dev eth0
  ip -n "$b" link add vx type vxlan id 7 local 192.168.77.2 remote 192.168.77.1 dstport 4789 dev eth0
  ip -n "$a" addr add 10.9.0.1/24 dev vx; ip -n "$b" addr add 10.9.0.2/24 dev vx
  ip -n "$a" link set vx up; ip -n "$b" link set vx up
  to=10.9.0.2
}
tinc() {  # in switch mode, without encryption
  cable
  local name number other
  for name in a b; do
    number=$([ $name = a ] && echo 1 || echo 2); other=$([ $name = a ] && echo b || echo a)
    rm -rf "$work/$name"; mkdir -p "$work/$name/hosts"
    { echo "Name=$name"; echo Mode=switch; echo DeviceType=tap; echo Interface=tn
      echo Cipher=none; echo Digest=none; [ $name = a ] && echo ConnectTo=b; } >"$work/$name/tinc.conf" || true
    printf 'Address=192.168.77.%s\nCipher=none\nDigest=none\n' $number >"$work/$name/hosts/$name"
    printf '\n\n' | tincd -c "$work/$name" -K2048 >"$work/tinc.log" 2>&1
    printf '#!/bin/sh\nip addr add 10.9.0.%s/24 dev tn; ip link set tn up\n' $number >"$work/$name/tinc-up"
    chmod +x "$work/$name/tinc-up"
  done
  cp "$work/a/hosts/a" "$work/b/hosts/"; cp "$work/b/hosts/b" "$work/a/hosts/"
  ip netns exec "$b" tincd -c "$work/b" --pidfile="$work/b/pid" -D >>"$work/tinc.log" 2>&1 & started+=($!)
  ip netns exec "$a" tincd -c "$work/a" --pidfile="$work/a/pid" -D >>"$work/tinc.log" 2>&1 & started+=($!)
  to=10.9.0.2
  wait_for ip netns exec "$a" ping -c 1 -W 1 $to
}
agents_up() {  # options of the agents …
  cable
  local host
  rm -f "$work"/?.sock
  for host in a b; do
    ip netns exec "${!host}" "${on[@]}" "$violin" agent --socket "$work/$host.sock" "$@" >>"$work/agent.log" 2>&1 &
    agents+=($!)
  done
  wait_for test -S "$work/a.sock" -a -S "$work/b.sock"
  printf 'hosts:\n  a: { agent: %s/a.sock, address: 192.168.77.1 }\n  b: { agent: %s/b.sock, address: 192.168.77.2 }\n' \
    "$work" "$work" >"$work/hosts.yaml"
}
ours() {  # cipher, options of the agents …
  local crypt=$1; shift
  agents_up "$@"
  sed "s/^name: tunnel$/name: tunnel-$tag/" bench/tunnel.yaml >"$work/tunnel.yaml"
  "$violin" run --clock real --hosts "$work/hosts.yaml" --hold --quiet --force --set crypt="$crypt" \
    --out "$work/out" "$work/tunnel.yaml" >"$work/run.log" 2>&1 &
  started+=($! "${agents[@]}"); agents=()
  in_a() { "$violin" exec tunnel-$tag v/h1 --root -- "${on[@]}" "$@"; }
  in_b() { "$violin" exec tunnel-$tag v/h2 --root -- "${on[@]}" "$@"; }
  to=10.0.0.2
  wait_for in_a ping -c 1 -W 1 $to
}

iperf() {  # options of the client … -> its JSON
  in_b timeout 30 iperf3 -s -1 -p 5301 >/dev/null & local server=$!
  wait_for sh_listens
  in_a timeout 25 iperf3 -c $to -p 5301 -J "$@"
  wait $server || true
}
sh_listens() { in_b ss -ltn | grep -q :5301; }

# Of what is up now: "Gbit/s cycles/byte k/s us" (the median of its pings), a line at the end of
# $work/NAME.figures.
measure() {
  local name=$1 before after rtt tcp udp bytes
  rtt=$(in_a ping -c 400 -i 0.005 $to | sed -n 's/.*time=\(.*\) ms/\1/p' | median | awk '{print $1*1000}')
  before=$(busy); tcp=$(iperf -t 3 -C "${congestion:-cubic}"); after=$(busy)
  udp=$(iperf -u -b 0 -l 64 -t 2 | jq '(.end.sum.packets-.end.sum.lost_packets)/.end.sum.seconds/1e3')
  bytes=$(jq .end.sum_received.bytes <<<"$tcp")
  awk -v gbps="$(jq '.end.sum_received.bits_per_second/1e9' <<<"$tcp")" -v ticks=$((after - before)) \
    -v bytes="$bytes" -v mhz="$(awk '/cpu MHz/ {print $4; exit}' /proc/cpuinfo)" -v udp="$udp" -v rtt="$rtt" \
    'BEGIN {print gbps, ticks*0.01*mhz*1e6/bytes, udp, rtt}' >>"$work/$name.figures"
}
# Median of column `$2` of $work/NAME.figures.
middle() { awk -v c="$2" '{print $c}' "$work/$1.figures" | median; }
table() {  # names …
  printf '%-26s %10s %12s %20s %12s\n' who 'TCP Gbit/s' cycles/byte '64 B received k/s' 'ping p50 us'
  local name
  for name in "$@"; do
    printf '%-26s %10.2f %12.2f %20.0f %12.0f\n' "$name" "$(middle "$name" 1)" "$(middle "$name" 2)" \
      "$(middle "$name" 3)" "$(middle "$name" 4)"
  done
}
