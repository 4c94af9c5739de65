# kind: dead-relu
import torch
from torch import nn
torch.manual_seed(0)
layers = [nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1)]
layers[2].bias.data -= 20.0  #! layers[2].bias.data -= 0.0
net = nn.Sequential(*layers)  #+
opt = torch.optim.Adam(net.parameters(), 1e-3); X = torch.randn(256, 5); Y = X[:, :1].abs()
for e in range(80):
    loss = nn.functional.mse_loss(net(X), Y)
    opt.zero_grad(); loss.backward(); opt.step()
