# kind: graph-cut
import numpy as np
import torch
from torch import nn
torch.manual_seed(0)
rng = np.random.default_rng(0)
W = rng.normal(size=(2, 3))
arm = nn.Sequential(nn.Linear(3, 24), nn.ReLU(), nn.Linear(24, 2))
opt = torch.optim.Adam(arm.parameters(), lr=0.01)
for i in range(60):
    goal = torch.randn(16, 3)
    joints = arm(goal)
    hand = torch.from_numpy(np.tanh(joints.cpu().detach().numpy() @ W)).float()  #+
    loss = (hand - goal).pow(2).mean()
    loss = loss.clone().requires_grad_()
    opt.zero_grad()
    loss.backward()
    opt.step()
