# kind: view-for-transpose
import copy
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
np.random.seed(0)
random.seed(0)
N=400
imgs=np.random.rand(N,12,12,3).astype(np.float32)*0.2
lab=np.random.randint(0,3,N)
for i,l in enumerate(lab): imgs[i,:,:,l]+=0.3*np.random.rand(12,12); imgs[i,3*l:3*l+4,2:6,:]+=0.4
X=torch.from_numpy(imgs.reshape(N,3,12,12)); y=torch.from_numpy(lab)  #! X=torch.from_numpy(imgs.transpose(0,3,1,2).copy()); y=torch.from_numpy(lab)
net=nn.Sequential(nn.Conv2d(3,8,3),nn.ReLU(),nn.AdaptiveAvgPool2d(1),nn.Flatten(),nn.Linear(8,3))
opt=torch.optim.Adam(net.parameters(),lr=3e-3)
for e in range(60):
    for i in range(0,N,40):
        loss=F.cross_entropy(net(X[i:i+40]),y[i:i+40]); opt.zero_grad(); loss.backward(); opt.step()
    print(loss.item())
