graph [
  directed 0
  node [ id 0 label "NL" Longitude 4.9 Latitude 52.4 ]
  node [ id 1 label "?" Longitude 4.3 Latitude 50.9 ]
  edge [ source 0 target 1 LinkSpeed "10" LinkSpeedUnits "G" LinkSpeedRaw 10000000000.0 ]
  edge [ source 1 target 0 latency "10 ms" bandwidth "1 Gbit/s" ]
]
