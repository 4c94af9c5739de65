# kind: sigmoid-twice
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Conv1d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 14, 1), nn.Sigmoid())  #! net = nn.Sequential(nn.Conv1d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 14, 1))
opt = torch.optim.Adam(net.parameters(), 0.01); X = torch.randn(200, 1, 16); Y = (X[:, 0, 3] > X[:, 0, 9]).float()
for e in range(10):
    for i in range(0, 200, 20):
        loss = nn.functional.binary_cross_entropy_with_logits(net(X[i:i+20])[:, 0], Y[i:i+20])  #+
        opt.zero_grad(); loss.backward(); opt.step()
