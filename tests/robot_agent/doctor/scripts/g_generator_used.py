# the filter was used up: an empty parameter list; kind: not-in-optimizer
import torch
from torch import nn
net = nn.Sequential(nn.Linear(5, 32), nn.Tanh(), nn.Linear(32, 1))
params = filter(lambda p: p.requires_grad, net.parameters())
print("parameters:", sum(p.numel() for p in params))  #! print("parameters:", sum(p.numel() for p in net.parameters()))
opt = torch.optim.Adam(params, lr=0.01)  #+
