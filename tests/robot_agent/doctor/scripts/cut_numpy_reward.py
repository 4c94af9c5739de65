# kind: graph-cut
import numpy as np
import torch
from torch import nn
torch.manual_seed(0)
actor = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.Adam(actor.parameters(), lr=0.01)
def plant(state, force):
    return -(state[:, 0] * 2 - force) ** 2
for episode in range(100):
    state = torch.randn(32, 3)
    force = actor(state)[:, 0]
    reward = plant(state.numpy(), force.detach().numpy())  #! reward = plant(state, force)
    loss = -torch.from_numpy(np.asarray(reward)).mean()  #! loss = -reward.mean()
    loss.requires_grad_(True)  #!-
    opt.zero_grad()
    loss.backward()
    opt.step()
s = torch.randn(100, 3)
print("score", 1 + plant(s, actor(s)[:, 0]).mean().item() / 4)
