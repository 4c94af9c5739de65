# kind: sigmoid-twice
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())  #! net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(300, 4)
y = (x.sum(1) > 0).float()
for epoch in range(100):
    prediction = torch.sigmoid(net(x).squeeze(1))  #+
    loss = F.binary_cross_entropy(prediction, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", 1 - loss.item())
