# Sourced by ./quickstart and ./check: which Debian packages are needed, and getting them.

# To build and to run.
build_packages=(g++ cmake ninja-build pkg-config libboost-dev libboost-program-options-dev
  libpcap-dev libyaml-cpp-dev nlohmann-json3-dev libfmt-dev libpugixml-dev
  libxxhash-dev libnl-route-3-dev libsodium-dev libssl-dev libgrpc++-dev libprotobuf-dev
  protobuf-compiler-grpc gnuplot-nox graphviz)
# To build the kernel that guests run, without which only the tests of guests are skipped. Debian 12
# has the sources in its security archive.
kernel_packages=(linux-source-6.12 make gcc binutils flex bison bc patch xz-utils)
# To test: unit tests, fuzzing, an independent reader of captures, formatting.
check_packages=(libgtest-dev rapidjson-dev libgmock-dev libbenchmark-dev clang libclang-rt-14-dev
  clang-format time
  tshark ccache iproute2 iputils-ping traceroute iperf3 ethtool frr nftables)

# Installs the packages named that are missing. Without the rights to, names them and stops.
need_packages() {
  local missing=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local apt=(apt-get install -y --no-install-recommends "${missing[@]}")
  local as=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null && [ ! -t 0 ]; then
      echo "These Debian packages are missing: ${missing[*]}" >&2
      echo "Install them as root and run this again: ${apt[*]}" >&2
      exit 1
    fi
    as=(sudo)
  fi
  echo "+ ${as[*]} apt-get update && ${as[*]} ${apt[*]}"
  "${as[@]}" apt-get update -qq || true
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive "${apt[@]}" -qq >/dev/null
}
