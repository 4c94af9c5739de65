# validation accuracy in NumPy with dropout on; kind: train-while-testing
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 3)); opt = torch.optim.Adam(net.parameters(), 1e-2)
x = torch.randn(400, 6); y = x[:, :3].argmax(1)
for e in range(12):
    for i in torch.randperm(300).split(50):
        loss = F.cross_entropy(net(x[i]), y[i]); opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad():  #!+ net.eval()
        pred = net(x[300:]).numpy().argmax(1)  #!+ net.train()
    print(e, np.mean(pred == y[300:].numpy()))
