package main

func thin() {}
