# kind: exploding
import torch
from torch import nn
torch.manual_seed(0)
W = nn.Parameter(torch.randn(24, 24)); U = nn.Parameter(torch.randn(1, 24)); V = nn.Parameter(torch.randn(24, 1) * 0.1)  #! W = nn.Parameter(torch.eye(24) * 0.8); U = nn.Parameter(torch.randn(1, 24) * 0.2); V = nn.Parameter(torch.randn(24, 1) * 0.1)
opt = torch.optim.SGD([W, U, V], lr=1e-3)
for i in range(30):
    x = torch.randn(16, 15, 1); h = torch.zeros(16, 24)
    for t in range(15): h = x[:, t] @ U + h @ W  #+
    loss = (h @ V - x.mean(1)).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()  #+
